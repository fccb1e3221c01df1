"""What makes two numbers of this paper comparable."""

from __future__ import annotations

from common.strict import StrictModel


class OpenSetFacts(StrictModel):
    """How a network was trained, and on what its score was judged.

    Attributes:
        known: the known classes, by their numbers in the data set.
        unknown: the unknown classes whose images are judged.
        objective: what training minimised; `none` for a network as it was initialised.
        augmentation: `none`, or what was done to training images.
    """

    dataset: str
    split: str
    known: str
    unknown: str
    known_classes: int
    unknown_classes: int
    training_images: int
    known_test_images: int
    unknown_test_images: int
    side: int
    network: str
    objective: str
    epochs: int
    batch_size: int
    schedule: str
    augmentation: str
    magnitude: int
    label_smoothing: float
    score: str


class CorrelationFacts(StrictModel):
    """Over which networks a correlation was taken.

    Attributes:
        points: `networks`: those of one split; `networks of all splits`; see `pooled.py`.
    """

    dataset: str
    score: str
    networks: int
    splits: int
    points: str
    deterministic: bool = False
