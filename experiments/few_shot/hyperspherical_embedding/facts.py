"""What makes two numbers of this paper comparable."""

from __future__ import annotations

from typing import Literal

from common.strict import StrictModel


class LearningFacts(StrictModel):
    """How an embedding was learned.

    Attributes:
        objective: what was minimised; `none` for a network as it was initialised.
        scale: s of the logits, where the objective has it fixed.
        trained_on: `all`: new classes, too, were trained on, as an upper bound.
        training_images: of all classes together; 0 where nothing was trained.
    """

    dataset: str
    objective: str
    scale: float | None
    network: str
    dimension: int
    optimiser: Literal["adam", "none"]
    learning_rate: float | None
    batch_size: int | None
    epochs: int
    trained_on: Literal["old", "all"]
    training_images: int


class NovelClassFacts(LearningFacts):
    """How new classes were added and judged.

    Attributes:
        split: which classes are new: random ones, drawn by the seed, or the tutorial's.
        samples: of each new class, which its vector is made from: a number, or `all`.
        draws: of these samples, over which metrics are means.
        rule: `columns`: old classes by trained columns, new ones imprinted; `cosine`: all classes imprinted;
            `euclidean`: all by the mean of embeddings as they are.
    """

    split: Literal["random", "tutorial"]
    old_classes: int
    new_classes: int
    samples: str
    draws: int
    rule: str
    test_images: int
    judged: Literal["test", "validation"]


class TimingFacts(StrictModel):
    """What was timed, one objective after another in one process."""

    dataset: str
    objective: str
    network: str
    classes: int
    batch_size: int
    steps: int
    rounds: int
