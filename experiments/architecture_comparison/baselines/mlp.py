"""A control without convolutions: a multilayer perceptron on the pixels."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field
from torch import nn

from common.strict import StrictModel
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """Widths of the hidden layers; each has batch normalisation and a ReLU, as convolutions do."""

    widths: list[int] = Field(min_length=1)


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network."""
    layers: list[nn.Module] = [nn.Flatten()]
    for before, width in pairwise([shape.channels * shape.side**2, *settings.widths]):
        layers += [nn.Linear(before, width), nn.BatchNorm1d(width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(settings.widths[-1], shape.classes))
