"""Hyperparameters of supervised training, apart from the code that imports torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from common.strict import StrictModel

# Of forward and backward passes; a GPU's convolutions in float32 multiply in TF32, torch's default.
Precision = Literal["float32", "bfloat16"]


class TrainingSettings(StrictModel):
    """Hyperparameters of one training run.

    Attributes:
        precision: of the forward and backward pass; parameters and loss are float32 in either case.
        compiled: let torch compile the network: worth its minute for long trainings on a GPU.
    """

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    peak_learning_rate: float = Field(gt=0)
    warm_up: float = Field(gt=0, lt=1)  # share of the steps in which the learning rate rises
    momentum: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    label_smoothing: float = Field(ge=0, lt=1)
    crop: int = Field(ge=1)  # side of the random crops, in pixels
    padding: int = Field(ge=0)  # reflected border, in pixels, from which crops may be drawn
    precision: Precision = "float32"
    compiled: bool = False


class DescentSettings(StrictModel):
    """Hyperparameters of plain stochastic gradient descent, but for its learning rate.

    Attributes:
        schedule: of the learning rate after the warm-up: `constant`, or down to zero, `linear` or along a
            `cosine` (Loshchilov and Hutter 2017).
        warm_up: share of the steps in which the learning rate rises from zero.
        nesterov: look ahead along the momentum (Sutskever et al. 2013).
        precision: of the forward and backward pass; parameters and loss are float32 in either case.
        compiled: let torch compile the network: worth its minute for long trainings on a GPU.
    """

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    warm_up: float = Field(default=0.0, ge=0, lt=1)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    nesterov: bool = False
    weight_decay: float = Field(default=0.0005, ge=0)
    precision: Precision = "float32"
    compiled: bool = False
