"""Settings of the paper's steps, checked before anything heavy is imported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt, model_validator

from common.strict import BadInputError, StrictModel

ObjectiveName = Literal[
    "normalised_softmax",
    "normalised_softmax_reparameterised",
    "learned_scale",
    "softmax",
    "triplet",
    "contrastive",
    "siamese",
    "prototypical",
    "supervised_contrastive",
    "arcface",
]
Rule = Literal["columns", "cosine", "euclidean"]
Samples = PositiveInt | Literal["all"]


class ImageSettings(StrictModel):
    """Which images are learned from, and which are judged.

    Attributes:
        dataset: a prepared data set, or the name of a folder that the user gives.
        source: `folder`: <folder>/data/<class>/<image>.png, where the last images of a class are the test's.
        images: the first so many training images of each class; null: all.
        test_images: the first so many of each class that are judged; null: all.
        judged: `validation`: training images behind the first `images`, for choosing settings alone.
    """

    dataset: str
    source: Literal["prepared", "folder"] = "prepared"
    images: int | None = Field(default=None, ge=1)
    test_images: int | None = Field(default=None, ge=1)
    judged: Literal["test", "validation"] = "test"


class ObjectiveSettings(StrictModel):
    """What is minimised; an objective reads those of the numbers that its docstring names.

    Attributes:
        scale: s, which multiplies cosines.
        margin: m, a distance of the pairwise losses, an angle in radians of ArcFace.
        temperature: tau of the supervised contrastive loss.
        shots: images of a class that make its prototype in a batch.
    """

    name: ObjectiveName
    scale: float = Field(default=10.0, gt=0)
    margin: float = Field(default=0.5, ge=0)
    temperature: float = Field(default=0.1, gt=0)
    shots: int = Field(default=5, ge=1)


class LearningSettings(StrictModel):
    """Adam with a constant learning rate; the other constants are those of Keras."""

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)


class NetworkSettings(StrictModel):
    """Three convolutions of these widths, and a linear layer to the embedding."""

    widths: tuple[int, int, int]
    dimension: int = Field(ge=2)

    @property
    def name(self) -> str:
        """As protocol facts have it."""
        return "convolutions_" + "_".join(map(str, self.widths))


class NovelClassSettings(StrictModel):
    """What is trained on which images, and how often new classes' samples are drawn.

    Attributes:
        objective, learning: both null for a network as it was initialised.
        trained_on: `all`: new classes are trained on as well, an upper bound.
        draws: of `samples` images of each new class; metrics are means over them.
    """

    data: ImageSettings
    network: NetworkSettings
    objective: ObjectiveSettings | None
    learning: LearningSettings | None
    trained_on: Literal["old", "all"] = "old"
    draws: int = Field(ge=1)

    @model_validator(mode="after")
    def _both_or_none(self) -> NovelClassSettings:
        if (self.objective is None) != (self.learning is None):
            raise ValueError("give 'objective' and 'learning', or make both null for an untrained network")
        return self

    def with_scale(self, scale: float | None) -> NovelClassSettings:
        """The same with another s, if any; raises BadInputError where nothing is trained."""
        if scale is None:
            return self
        if self.objective is None:
            raise BadInputError("A condition names a 'scale', but nothing is trained; take it out.")
        return self.model_copy(update={"objective": self.objective.model_copy(update={"scale": scale})})


class Point(StrictModel):
    """A condition of the step; `scale`, where it is named, stands in for the objective's."""

    old: int = Field(ge=2)
    samples: Samples
    rule: Rule
    scale: float | None = Field(default=None, gt=0)

    @property
    def count(self) -> int | None:
        """Samples of a new class; None for all that there are."""
        return count_of(self.samples)


def count_of(samples: Samples) -> int | None:
    """How many samples a word or a number asks for; None for all that there are."""
    return None if samples == "all" else int(samples)
