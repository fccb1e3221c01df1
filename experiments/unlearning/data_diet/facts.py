"""The facts that make two numbers of the data diet comparable."""

from __future__ import annotations

from common.strict import StrictModel


class DietFacts(StrictModel):
    """What was trained and scored.

    Attributes:
        training_images: before pruning.
        kept_images: those that a network is trained on.
        steps: of the optimiser, the same for pruned sets.
        score_networks: that a score is the mean of; null where nothing is scored.
        label_noise: the share of training labels that is random.
    """

    dataset: str
    network: str
    training_images: int
    kept_images: int
    test_images: int
    epochs: float
    steps: int
    augmentation: bool
    score_networks: int | None = None
    label_noise: float = 0.0
    deterministic: bool = False
