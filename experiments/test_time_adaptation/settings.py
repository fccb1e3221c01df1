"""Settings of the adaptation methods, checked before anything heavy is imported."""

from __future__ import annotations

from pydantic import Field

from common.strict import StrictModel
from experiments.test_time_adaptation.protocol import Adapted


class MethodSettings(StrictModel):
    """What a self-learning method may be told.

    Attributes:
        epochs: passes over the test set; where settings are chosen, the most that may be chosen.
        learning_rate: for the test sets, where it is not chosen on development corruptions.
        momentum: of SGD.
        adapted: which parameters learn.
        q: exponent of the generalised cross-entropy; towards 0 cross-entropy, 1 mean absolute error.
        student_temperature, teacher_temperature: divide the logits.
    """

    epochs: int = Field(default=0, ge=0)
    learning_rate: float | None = Field(default=None, gt=0)
    momentum: float = Field(default=0.0, ge=0, lt=1)
    adapted: Adapted = "affine"
    q: float = Field(default=0.8, gt=0, le=1)
    student_temperature: float = Field(default=1.0, gt=0)
    teacher_temperature: float = Field(default=1.0, gt=0)
