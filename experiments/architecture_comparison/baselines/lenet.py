"""LeNet-5 (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998)."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field
from torch import nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.shapes import ImageShape

KERNEL = 5  # section II.B: 5x5 neighbourhoods, without a border


class Settings(StrictModel):
    """Its layers in today's form: ReLU for the scaled tanh, maxima for trained means, all maps connected.

    Attributes:
        widths: output channels of the two convolutions; 6 and 16 are the published network's.
        hidden: units of the layers before the classifier; 120 and 84 are the published network's.
    """

    widths: list[int] = Field(default=[6, 16], min_length=1)
    hidden: list[int] = Field(default=[120, 84], min_length=1)


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError where the images are too small for its kernels."""
    layers: list[nn.Module] = []
    side = shape.side
    for before, width in pairwise([shape.channels, *settings.widths]):
        side = (side - KERNEL + 1) // 2
        if side < 1:
            raise BadInputError(
                f"Images of {shape.side} pixels are too small for {len(settings.widths)} convolutions of "
                f"{KERNEL}x{KERNEL} with a 2x2 maximum after each; give the data a larger 'side'."
            )
        layers += [nn.Conv2d(before, width, KERNEL), nn.ReLU(), nn.MaxPool2d(2)]
    layers.append(nn.Flatten())
    for before, width in pairwise([settings.widths[-1] * side**2, *settings.hidden]):
        layers += [nn.Linear(before, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(settings.hidden[-1], shape.classes))
