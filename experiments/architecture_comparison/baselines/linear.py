"""A trivial control: one linear layer on the pixels."""

from __future__ import annotations

from torch import nn

from common.strict import StrictModel
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """Nothing to set."""


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """Multinomial logistic regression."""
    return nn.Sequential(nn.Flatten(), nn.Linear(shape.channels * shape.side**2, shape.classes))
