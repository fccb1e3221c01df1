"""Images and networks that benchmarks need no data set for."""

from __future__ import annotations

import torch
from torch import nn

from common.models.registry import small_image_network
from common.training.device import place
from common.training.image_set import ImageSet
from common.training.images import Standardise

CLASSES = 10


def noise_images(count: int, side: int, channels: int, margin: int = 0) -> ImageSet:
    """Noise under random labels, on the CPU."""
    draws = torch.Generator().manual_seed(0)
    images = torch.randint(256, (count, side, side, channels), generator=draws, dtype=torch.uint8)
    labels = torch.randint(CLASSES, (count,), generator=draws)
    return ImageSet(images, labels, Standardise.of(images), margin)


def fresh_network(name: str, channels: int) -> nn.Module:
    """The small-image network of that name, untrained, on the CPU, laid out as trainings have it."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return place(small_image_network(name, CLASSES, channels), torch.device("cpu"))
