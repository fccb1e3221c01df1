"""Benchmarks of training: ways of it on a processor and a GPU, what its loop costs, and random crops."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from common.benchmark.entries import Measurement, NotHere, Pair, Row, Ways
from common.training.settings import DescentSettings

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from common.training.image_set import ImageSet

ROUNDS = 5
MARGIN = 4
BATCH = 128

# The networks of the quick scales, as their config.yaml has them; steps for a third of a second.
QUICK = (
    {"network": "resnet8_quarter", "side": 28, "channels": 1, "batch": 128, "steps": 40},
    {"network": "resnet8_half", "side": 24, "channels": 3, "batch": 128, "steps": 20},
)
# How trainings run now, then what could be otherwise, a thing at a time.
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"layout": "contiguous"},
    {"jobs": 1, "threads": 2},
    {"compiled": True},
    {"precision": "bfloat16"},
    {"allocator": False},
)


def _on_a_processor() -> list[Row]:
    from common.training.timed_training import Way
    from common.training.turns import take_turns

    rows = []
    for network in QUICK:
        rows += take_turns([Way.model_validate(network | change) for change in CHANGES])
    return rows


def _on_a_gpu() -> list[Row]:
    """ResNet-18 on 32 x 32 x 3 in batches of 256, which the full scale trains."""
    import torch

    from common.benchmark.made_up import fresh_network, noise_images
    from common.training.device import best_device

    if not torch.cuda.is_available():
        raise NotHere("it needs an NVIDIA GPU that torch sees.")
    batch, steps = 256, 175
    images = _moved(noise_images(batch * steps, 32, 3, MARGIN), best_device())
    ways = {
        "float32": ("float32", None),
        "bfloat16": ("bfloat16", None),
        "bfloat16, compiled": ("bfloat16", "default"),
        "bfloat16, compiled, CUDA graphs": ("bfloat16", "reduce-overhead"),
    }
    trainings = {}
    for name, (precision, mode) in ways.items():
        network = fresh_network("resnet18", 3).to(best_device())
        # Compiled here and not by the setting, which knows no mode: each batch is whole, so it is the same.
        forward: Any = torch.compile(network, dynamic=False, mode=mode) if mode else network
        settings = DescentSettings.model_validate({"epochs": 1, "batch_size": batch, "precision": precision})
        trainings[name] = (forward, images, settings)
    return _rounds(trainings, batch)


def _loop_alone() -> list[Row]:
    """One linear layer on tiny images: what is left is the loop."""
    from torch import nn

    from common.benchmark.made_up import noise_images
    from common.training.device import best_device

    settings = DescentSettings(epochs=1, batch_size=2)
    trainings = {}
    for name, margin in (("without crops", 0), ("with random crops", 1)):
        layer = nn.Sequential(nn.Flatten(), nn.Linear(4, 10)).to(best_device())
        trainings[name] = (layer, _moved(noise_images(400, 2, 1, margin), best_device()), settings)
    return _rounds(trainings, 2)


def _rounds(trainings: Mapping[str, tuple[nn.Module, ImageSet, DescentSettings]], batch: int) -> list[Row]:
    """A row for each training: all run an epoch in turn, several times, after one that warms up."""
    for training in trainings.values():
        _seconds(*training)
    spent: dict[str, list[float]] = {name: [] for name in trainings}
    for _ in range(ROUNDS):
        for name, training in trainings.items():
            spent[name].append(_seconds(*training))
    first = next(iter(spent.values()))
    rows: list[Row] = []
    for name, seconds in spent.items():
        step = statistics.median(seconds) / (len(trainings[name][1]) // batch)
        ratio = statistics.median(slow / fast for slow, fast in zip(first, seconds, strict=True))
        rows.append(
            {
                "way": name,
                "ms per step": 1e3 * step,
                "images per second": batch / step,
                "times as fast": ratio,
            }
        )
    return rows


def _seconds(network: nn.Module, images: ImageSet, settings: DescentSettings) -> float:
    """Of an epoch, which ends when its loss is known."""
    import torch

    from common.training.descent import Descent

    start = time.perf_counter()
    Descent(network, settings, 0.01).run(images, torch.Generator().manual_seed(0))
    return time.perf_counter() - start


def _moved(images: ImageSet, device: torch.device) -> ImageSet:
    from common.training.image_set import ImageSet

    placed = images.images.to(device), images.labels.to(device)
    return ImageSet(*placed, images.standardise, images.margin)


def _random_crops(count: int) -> Ways:
    import torch

    from common.benchmark.made_up import noise_images

    data = noise_images(count, 32, 3, MARGIN)

    def ours() -> list[Tensor]:
        return [batch.images for batch in data.shuffled(BATCH, torch.Generator().manual_seed(0))]

    return Ways(lambda: crops_one_by_one(data, torch.Generator().manual_seed(0)), ours)


def crops_one_by_one(data: ImageSet, generator: torch.Generator) -> list[Tensor]:
    """The batches of `ImageSet.shuffled` by torchvision's transforms of single images in a DataLoader."""
    import torch
    from torch.utils.data import DataLoader
    from torchvision.transforms import functional

    count, height, width, _ = data.images.shape
    order = torch.randperm(count, generator=generator).tolist()
    top, left = (torch.randint(2 * data.margin + 1, (count,), generator=generator).tolist() for _ in range(2))
    mirrored = (torch.rand(count, generator=generator) < 0.5).tolist()
    mean, deviation = (data.standardise.mean / 255).tolist(), (data.standardise.deviation / 255).tolist()
    planes = data.images.permute(0, 3, 1, 2)

    def transformed(place: int) -> Tensor:
        image = functional.pad(planes[place], [data.margin])
        image = functional.crop(image, top[place], left[place], height, width)
        image = functional.hflip(image) if mirrored[place] else image
        result: Tensor = functional.normalize(image.float() / 255, mean, deviation)
        return result

    class Transformed(torch.utils.data.Dataset[torch.Tensor]):
        def __getitem__(self, place: int) -> Tensor:
            return transformed(place)

    return list(DataLoader(Transformed(), batch_size=BATCH, sampler=order))


BENCHMARKS = [
    Measurement(
        "training",
        "ways to train the networks of the quick scales on two cores",
        _on_a_processor,
        remark="Images per second are of all jobs of a way together, in the best round; ratios (the median, "
        "lowest, highest) are to the first way of the network in the same round. Processor time, of the "
        "thriftiest round, suffers less from what else the machine does. To start: import torch, warm up "
        "and, where asked for, compile.",
    ),
    Measurement("training_on_a_gpu", "ways to train ResNet-18 on 32 x 32 x 3 in batches of 256", _on_a_gpu),
    Measurement(
        "training_loop",
        "what a step costs apart from the network",
        _loop_alone,
        remark="On a GPU this passes unseen while it is shorter than the step.",
    ),
    Pair(
        "random_crops",
        "torchvision per image in a DataLoader",
        "one gather per batch",
        _random_crops,
        [1280],
        "images",
        tolerance=1e-4,
    ),
]
