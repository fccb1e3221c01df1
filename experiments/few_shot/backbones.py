"""The track's networks by name: each has `features` and, on top of them, `classifier`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.strict import BadInputError, suggest
from common.training.device import place
from common.training.seeding import seeded_initialisation
from experiments.few_shot.resnet12 import ResNet12


class Backbone(Protocol):
    """What the track asks of a network; `dimension` is that of its features."""

    dimension: int
    classifier: nn.Module

    def features(self, x: Tensor) -> Tensor:
        """`[batch, dimension]` of images `[batch, channels, h, w]`."""


class ConvBlock(nn.Module):
    """3x3 convolution, batch normalisation, ReLU."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
        self.normalisation = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map `[batch, in_channels, h, w]` to `[batch, channels, h, w]`."""
        return F.relu(self.normalisation(self.convolution(x)), inplace=True)


class ConvNet4(nn.Module):
    """Four blocks, max-pooling after the first three, the mean over pixels after the last.

    As in the official code of RFS (arXiv 2003.11539), where `width` is 64; others flatten the last maps.
    """

    def __init__(self, width: int, classes: int, channels: int) -> None:
        super().__init__()
        self.dimension = width
        self.blocks = nn.ModuleList(ConvBlock(channels if i == 0 else width, width) for i in range(4))
        self.classifier: nn.Module = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, h, w]`."""
        logits: Tensor = self.classifier(self.features(x))
        return logits

    def features(self, x: Tensor) -> Tensor:
        """`[batch, width]` of images `[batch, channels, h, w]`."""
        for number, block in enumerate(self.blocks):
            x = block(x if number == 0 else F.max_pool2d(x, 2))
        return x.mean(dim=(2, 3))


class FlatConvNet4(nn.Module):
    """Four blocks with max-pooling after each: of images of 28 pixels, one of each map is left.

    The embedding of Snell et al. 2017 (arXiv 1703.05175), where `width` is 64.
    """

    def __init__(self, width: int, classes: int, channels: int) -> None:
        super().__init__()
        self.dimension = width
        self.blocks = nn.ModuleList(ConvBlock(channels if i == 0 else width, width) for i in range(4))
        self.classifier: nn.Module = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, h, w]`."""
        logits: Tensor = self.classifier(self.features(x))
        return logits

    def features(self, x: Tensor) -> Tensor:
        """`[batch, width]` of images `[batch, channels, h, w]`, h and w from 16 to 31."""
        if not all(16 <= side < 32 for side in x.shape[2:]):
            raise BadInputError(
                f"A flat ConvNet-4 is for images of 16 to 31 pixels, not of {x.shape[2]}; take another one."
            )
        for block in self.blocks:
            x = F.max_pool2d(block(x), 2)
        return x.flatten(1)


class CosineLinear(nn.Module):
    """scale · cos(feature, class vector): the head of Baseline++ (Chen et al. 2019, arXiv 1904.04232)."""

    def __init__(self, dimension: int, classes: int, scale: float = 2.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes, dimension) * dimension**-0.5)
        self.scale = scale  # official code

    def forward(self, features: Tensor) -> Tensor:
        """Logits `[batch, classes]` of features `[batch, dimension]`."""
        return self.scale * F.linear(F.normalize(features, dim=-1), F.normalize(self.weight, dim=-1))


BACKBONES: dict[str, Callable[[int, int], nn.Module]] = {  # of the number of classes and of image channels
    "convnet4_16": lambda classes, channels: ConvNet4(16, classes, channels),
    "convnet4_32": lambda classes, channels: ConvNet4(32, classes, channels),
    "convnet4_64": lambda classes, channels: ConvNet4(64, classes, channels),
    "convnet4_16_flat": lambda classes, channels: FlatConvNet4(16, classes, channels),
    "convnet4_64_flat": lambda classes, channels: FlatConvNet4(64, classes, channels),
    "resnet12": ResNet12,
    "resnet12_84": lambda classes, channels: ResNet12(classes, channels, drop_block=5),
}


def fresh_network(
    name: str, classes: int, channels: int, seed: int, device: torch.device, head: str = "linear"
) -> nn.Module:
    """An untrained network, which hangs on `seed` alone; raises BadInputError for an unknown name."""
    if name not in BACKBONES:
        raise BadInputError(f"There is no backbone '{name}'.{suggest(name, BACKBONES)}")
    with seeded_initialisation(seed):
        network = BACKBONES[name](classes, channels)
        backbone = cast(Backbone, network)
        if head == "cosine":
            backbone.classifier = CosineLinear(backbone.dimension, classes)
    return place(network, device)


def parameter_count(network: nn.Module) -> int:
    """Of the backbone, without its head."""
    head = {id(parameter) for parameter in cast(Backbone, network).classifier.parameters()}
    return sum(parameter.numel() for parameter in network.parameters() if id(parameter) not in head)
