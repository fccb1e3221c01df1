"""The enhanced CNN, each of its ablations, and the standard CNN without its enhancements.

Xiaoran Yang, Shuhan Yu, Wenxi Xu: Enhanced Convolutional Neural Networks for Improved Image Classification,
2025, arXiv 2502.00663. The paper's text was not at hand beyond its abstract: which parts are second-hand, and
which are ours, is said beside each value in `config.yaml` and in the paper's deviations.
"""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field
from torch import Tensor, nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """Blocks of [convolution, BN, ReLU], a 2x2 maximum and dropout; a hidden layer; a linear classifier.

    Attributes:
        widths: output channels of each block's convolutions; every block halves the map.
        convolutions: 3x3 kernels in each block.
        hidden: units between the last map, all its pixels side by side, and the classifier.
        batch_norm: after every convolution and after the hidden layer (Ioffe and Szegedy 2015).
        dropout: the rate after each block (Srivastava et al. 2014); 0: none.
    """

    widths: list[int] = Field(min_length=1)
    convolutions: int = Field(default=2, ge=1)
    hidden: int = Field(ge=1)
    batch_norm: bool = True
    dropout: float = Field(default=0.0, ge=0, lt=1)


class EnhancedCnn(nn.Module):
    """The blocks, and the classifier on their last map."""

    def __init__(self, settings: Settings, shape: ImageShape) -> None:
        super().__init__()
        side = _last_side(settings, shape)
        widths = [shape.channels, *settings.widths]
        blocks = [_block(settings, before, width) for before, width in pairwise(widths)]
        self.features = nn.Sequential(*blocks)
        norm: list[nn.Module] = [nn.BatchNorm1d(settings.hidden)] if settings.batch_norm else []
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(widths[-1] * side**2, settings.hidden),
            *norm,
            nn.ReLU(),
            nn.Linear(settings.hidden, shape.classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, side, side]`."""
        logits: Tensor = self.classifier(self.features(images))
        return logits


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError for images too small to be halved so often."""
    return EnhancedCnn(settings, shape)


def _block(settings: Settings, before: int, width: int) -> nn.Sequential:
    """`[batch, before, side, side]` to `[batch, width, side // 2, side // 2]`."""
    layers: list[nn.Module] = []
    for place in range(settings.convolutions):
        layers.append(nn.Conv2d(before if place == 0 else width, width, 3, padding=1))
        if settings.batch_norm:
            layers.append(nn.BatchNorm2d(width))
        layers.append(nn.ReLU())
    layers.append(nn.MaxPool2d(2))
    if settings.dropout:
        layers.append(nn.Dropout(settings.dropout))
    return nn.Sequential(*layers)


def _last_side(settings: Settings, shape: ImageShape) -> int:
    """Pixels along the last map, an odd one's border being left out by the 2x2 maximum."""
    blocks = len(settings.widths)
    side: int = shape.side // 2**blocks
    if side == 0:
        raise BadInputError(
            f"Images of {shape.side} pixels can't be halved {blocks} times, once for each of 'widths'; take "
            f"blocks away, or give the data a 'side' of {2**blocks} or more."
        )
    return side
