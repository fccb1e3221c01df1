"""Settings of the worst-case selection, checked before anything heavy is imported."""

from __future__ import annotations

from pydantic import Field

from common.strict import StrictModel
from common.training.settings import Precision


class BilevelSettings(StrictModel):
    """Hyperparameters of the bi-level selection.

    Attributes:
        upper_iterations: T, how often the weights of the images are moved.
        upper_step: α, of the projected gradient on these weights.
        lower_epochs: K, passes over all images when the network unlearns the weighted ones.
        lower_step: β, by which each step of the lower level moves every parameter up or down.
        ridge: γ, weight of the squared norm of the weights.
        batch_size: of the lower level.
        precision: of the lower level's forward and backward pass; scores are float32 in either case.
    """

    upper_iterations: int = Field(ge=1)
    upper_step: float = Field(gt=0)
    lower_epochs: int = Field(ge=1)
    lower_step: float = Field(gt=0)
    ridge: float = Field(ge=0)
    batch_size: int = Field(ge=2)
    precision: Precision = "float32"
