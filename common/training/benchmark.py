"""`python -m common.training.benchmark`: milliseconds per training step here, with a network and without.

The images are random, so no data set is needed. Without a network (one linear layer on images of four
pixels) what is left is the time that the loop itself takes on the processor to ask for a step: on a GPU it
passes unseen while it is shorter than the step, which the network's own calls lengthen.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from common.strict import BadInputError
from common.training.settings import DescentSettings

if TYPE_CHECKING:
    from torch import nn

    from common.training.image_set import ImageSet

CLASSES = 10
EPOCHS = 3  # of which the fastest counts


def main(
    network: Annotated[str, typer.Option(help="by its name in common/models/registry.py")] = "resnet18",
    batch: Annotated[int, typer.Option(min=2, help="images in a step")] = 256,
    steps: Annotated[int, typer.Option(min=1, help="in an epoch")] = 175,
    side: Annotated[int, typer.Option(min=1, help="of an image, in pixels")] = 32,
    channels: Annotated[int, typer.Option(min=1, help="of an image")] = 3,
    margin: Annotated[int, typer.Option(min=0, help="from which random crops are drawn")] = 4,
    full: Annotated[bool, typer.Option("--full", help="in bfloat16, compiled, as on a large GPU")] = False,
) -> None:
    """Print the milliseconds per step of training a network, on the GPU if there is one."""
    from torch import nn

    from common.models.registry import small_image_network
    from common.training.device import best_device, place

    settings = DescentSettings(
        epochs=1, batch_size=batch, precision="bfloat16" if full else "float32", compiled=full
    )
    try:
        trained = place(small_image_network(network, CLASSES, channels), best_device())
    except BadInputError as error:
        sys.exit(f"error: {error}")
    spent = seconds(trained, random_images(batch * steps, side, channels, margin), settings) / steps
    typer.echo(f"{network}: {spent * 1e3:.2f} ms per step of {batch}, {batch / spent:,.0f} images per second")
    nothing = nn.Sequential(nn.Flatten(), nn.Linear(4, CLASSES)).to(best_device())
    loop = DescentSettings(epochs=1, batch_size=2)
    spent = seconds(nothing, random_images(2 * steps, 2, 1, margin), loop) / steps
    typer.echo(f"the loop alone: {spent * 1e3:.2f} ms per step")


def random_images(count: int, side: int, channels: int, margin: int) -> ImageSet:
    """Noise under random labels."""
    import torch

    from common.training.device import best_device
    from common.training.image_set import ImageSet
    from common.training.images import Standardise

    draws = torch.Generator().manual_seed(0)
    images = torch.randint(256, (count, side, side, channels), generator=draws, dtype=torch.uint8)
    labels = torch.randint(CLASSES, (count,), generator=draws)
    placed = images.to(best_device()), labels.to(best_device())
    return ImageSet(*placed, Standardise.of(images), margin)


def seconds(network: nn.Module, images: ImageSet, settings: DescentSettings) -> float:
    """Of the fastest epoch, after one that compiles and warms up; each ends when its loss is known."""
    import torch

    from common.training.descent import Descent

    def timed() -> float:
        start = time.perf_counter()
        Descent(network, settings, 0.01).run(images, torch.Generator().manual_seed(0))
        return time.perf_counter() - start

    timed()
    return min(timed() for _ in range(EPOCHS))


if __name__ == "__main__":
    typer.run(main)
