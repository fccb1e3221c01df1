"""Settings that the steps of the track share, checked before anything heavy is imported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from common.strict import StrictModel
from common.training.settings import DescentSettings
from experiments.few_shot.protocol import Split


class DataSettings(StrictModel):
    """Which images, and which of their classes are base and which novel.

    Attributes:
        dataset: a prepared data set, or, for a published split, the name of the folder that the user gives.
        split: `random`: classes drawn by the seed; `cifar_fs`: the published split.
        base, validation, novel: numbers of classes of a random split.
        judged: the classes of the test episodes; `validation` is for choosing settings alone.
        images: the first so many training images of each base class; null: all.
        test_images: the first so many of each class that is judged; null: all.
        margin: black pixels around an image from which random crops are drawn; 0: no augmentation.
    """

    dataset: str
    split: Split = "random"
    base: int = Field(default=0, ge=0)
    validation: int = Field(default=0, ge=0)
    novel: int = Field(default=0, ge=0)
    judged: Literal["novel", "validation"] = "novel"
    images: int | None = Field(default=None, ge=1)
    test_images: int | None = Field(default=None, ge=1)
    margin: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _counts_belong_to_a_random_split(self) -> DataSettings:
        counted = self.base > 0 and self.novel > 0
        if self.split == "random" and not counted:
            raise ValueError("a random split needs numbers of 'base' and 'novel' classes")
        if self.split != "random" and (self.base or self.validation or self.novel):
            raise ValueError(f"the split {self.split} has its own classes; leave 'base' and the others out")
        return self


class EmbeddingSettings(StrictModel):
    """What is embedded by which network.

    Attributes:
        backbone: its name in `backbones.py`.
        copies: augmented copies of every test image that are embedded too, for augmented supports.
    """

    data: DataSettings
    backbone: str
    copies: int = Field(default=0, ge=0)


class SupervisedSettings(EmbeddingSettings):
    """Training on all base classes at once.

    Attributes:
        training: null: the network is left as it was initialised.
        training_rate: the highest learning rate.
        head: `linear`, or `cosine` as in Baseline++.
    """

    training: DescentSettings | None = None
    training_rate: float = Field(default=0.05, gt=0)
    head: Literal["linear", "cosine"] = "linear"


class TaskSettings(StrictModel):
    """Training episodes.

    Attributes:
        episodes: how many.
        meta_batch: so many episodes make a step.
        learning_rate: Adam's, at the first step; it falls to zero along a cosine.
    """

    ways: int = Field(ge=2)
    shots: int = Field(ge=1)
    queries: int = Field(ge=1)
    episodes: int = Field(ge=1)
    meta_batch: int = Field(default=1, ge=1)
    learning_rate: float = Field(gt=0)


class EvaluationSettings(StrictModel):
    """Test episodes; their shots are a condition."""

    ways: int = Field(ge=2)
    queries: int = Field(ge=1)
    episodes: int = Field(ge=2)
