"""The facts that make two selections of forget sets comparable."""

from __future__ import annotations

from typing import Literal

from common.strict import StrictModel
from common.training.settings import Precision


class SelectionFacts(StrictModel):
    """How a forget set was chosen; what only the bi-level search has is null for other kinds.

    Attributes:
        training_images: those that it is chosen from.
        forgotten: whether single images or whole classes are chosen.
        ratio: how many of them, as a share.
        start: weights that the search starts from: all equal, or 1 for a random set and 0 for the rest.
    """

    dataset: str
    network: str
    training_images: int
    augmentation: bool
    forgotten: Literal["images", "classes"]
    kind: str
    ratio: float
    start: Literal["uniform", "binary"] | None = None
    upper_iterations: int | None = None
    upper_step: float | None = None
    lower_epochs: int | None = None
    lower_step: float | None = None
    ridge: float | None = None
    batch_size: int | None = None
    precision: Precision | None = None
    deterministic: bool = False
