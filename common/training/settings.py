"""Hyperparameters of supervised training, apart from the code that imports torch."""

from __future__ import annotations

from pydantic import Field

from common.strict import StrictModel


class TrainingSettings(StrictModel):
    """Hyperparameters of one training run."""

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    peak_learning_rate: float = Field(gt=0)
    warm_up: float = Field(gt=0, lt=1)  # share of the steps in which the learning rate rises
    momentum: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    label_smoothing: float = Field(ge=0, lt=1)
    crop: int = Field(ge=1)  # side of the random crops, in pixels
    padding: int = Field(ge=0)  # reflected border, in pixels, from which crops may be drawn
