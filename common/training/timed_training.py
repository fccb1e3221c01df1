"""`python -m common.training.timed_training WAY`: a training that runs one epoch whenever it is told to.

It runs a first one to warm up, then one for each line that it reads, and prints the processor time of each.
So several ways of training can wait, each in processes of its own, and take turns.
"""

from __future__ import annotations

import itertools
import sys
import time
from typing import TYPE_CHECKING, Literal

from common.strict import StrictModel

if TYPE_CHECKING:
    from torch import Tensor, nn


class Way(StrictModel):
    """What is trained, and in which way; `allocator`: whether glibc keeps memory, as in jobs.

    `layout` is that of weights and images; `threads` are those of each of the `jobs`, which run at once.
    """

    network: str
    side: int
    channels: int
    batch: int
    steps: int
    layout: Literal["channels last", "contiguous"] = "channels last"
    precision: Literal["float32", "bfloat16"] = "float32"
    compiled: bool = False
    allocator: bool = True
    jobs: int = 2
    threads: int = 1


def main(way: Way) -> None:
    """Warm up, then serve until the input ends."""
    import torch

    from common.benchmark.made_up import fresh_network, noise_images
    from common.training.descent import Descent
    from common.training.settings import DescentSettings

    torch.set_num_threads(way.threads)
    images = noise_images(way.batch * way.steps, way.side, way.channels)
    network = fresh_network(way.network, way.channels)
    if way.layout == "contiguous":
        network = _contiguous(network)
    settings = DescentSettings(epochs=1, batch_size=way.batch, precision=way.precision, compiled=way.compiled)

    for _ in itertools.chain(["the first one warms up"], sys.stdin):
        before = time.process_time()
        Descent(network, settings, 0.01).run(images, torch.Generator().manual_seed(0))
        print(time.process_time() - before, flush=True)


def _contiguous(network: nn.Module) -> nn.Module:
    """Weights in torch's default layout, and images turned into it: by default they come channels last."""
    import torch
    from torch import nn

    class Contiguous(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.contiguous()

    return nn.Sequential(Contiguous(), network).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload, no-any-return]


if __name__ == "__main__":
    main(Way.model_validate_json(sys.argv[1]))
