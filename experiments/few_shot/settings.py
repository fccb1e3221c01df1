"""Settings that the steps of the track share, checked before anything heavy is imported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from common.strict import StrictModel
from common.training.settings import DescentSettings
from experiments.few_shot.protocol import Resampling, Rotations, Split


class DataSettings(StrictModel):
    """Which images, and which of their classes are base and which novel.

    Attributes:
        dataset: a prepared data set, or, for a published split, the name of the folder that the user gives.
        split: `random`: classes drawn by the seed; all others are published.
        base, validation, novel: numbers of classes of a random split, of Omniglot: of characters. Of
            `omniglot_lake`, `validation` is a number of alphabets.
        train_on_validation: a published split's validation classes become base classes.
        judged: the classes of the test episodes; `validation` is for choosing settings alone.
        images: the first so many training images of each base class; null: all.
        test_images: the first so many of each class that is judged; null: all.
        margin: black pixels around an image from which random crops are drawn; 0: no augmentation.
        rotations: of Omniglot, whose characters are turned to make further classes.
        side: of Omniglot's drawings, in pixels, after `resampling`.
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
    train_on_validation: bool = False
    rotations: Rotations = "none"
    side: int = Field(default=28, ge=8, le=105)
    resampling: Resampling = "area"

    @model_validator(mode="after")
    def _counts_belong_to_the_split(self) -> DataSettings:
        counted = self.base > 0 and self.novel > 0
        if self.split == "random" and not counted:
            raise ValueError("a random split needs numbers of 'base' and 'novel' classes")
        own_validation = self.validation and self.split != "omniglot_lake"
        if self.split != "random" and (self.base or own_validation or self.novel):
            raise ValueError(f"the split {self.split} has its own classes; leave 'base' and the others out")
        if self.train_on_validation and (self.split == "random" or self.judged == "validation"):
            raise ValueError(
                "'train_on_validation' is for the test classes of a published split; leave it out"
            )
        return self

    @model_validator(mode="after")
    def _characters_are_turned_never_mirrored(self) -> DataSettings:
        omniglot = self.dataset == "omniglot"
        if self.split.startswith("omniglot") != omniglot and self.split != "random":
            raise ValueError(f"the split {self.split} is not of the data set {self.dataset}")
        if omniglot and self.margin:
            raise ValueError("a margin mirrors images, and a mirrored character is another one; leave it out")
        usual = {"rotations": "none", "side": 28, "resampling": "area"}
        for name in (name for name, value in usual.items() if not omniglot and getattr(self, name) != value):
            raise ValueError(f"'{name}' is a setting of omniglot alone; leave it out")
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

    @model_validator(mode="after")
    def _copies_differ(self) -> EmbeddingSettings:
        if self.copies and not self.data.margin:
            raise ValueError("without a 'margin' all 'copies' are the image itself; set one of the two")
        return self


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
