"""Settings of the paper's steps, checked before anything heavy is imported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from common.records.schema import Name
from common.strict import StrictModel
from common.training.settings import DescentSettings, Precision

Objective = Literal["cross_entropy", "arpl"]
Augmentation = Literal["none", "rand_augment", "rand_augment_upright"]


class DataSettings(StrictModel):
    """Which images, and which of their classes are known.

    Attributes:
        split: `published`: that of the paper whose number is the seed; `random`: drawn by the seed; `given`:
            `known`, the same for every seed.
        known_count: known classes of a random split.
        known: of a given split.
        unknown: name -> the unknown classes of a given split that are judged together.
        images: the first so many training images of each known class; null: all.
        validation_images: the next so many, never trained on, for choosing settings.
        test_images: the first so many of each class; null: all.
        side: that images are resized to, in pixels.
    """

    dataset: str
    split: Literal["published", "random", "given"]
    known_count: int | None = Field(default=None, ge=1)
    known: list[int] | None = None
    unknown: dict[Name, list[int]] | None = None
    images: int | None = Field(default=None, ge=1)
    validation_images: int = Field(default=0, ge=0)
    test_images: int | None = Field(default=None, ge=1)
    side: int = Field(ge=8)

    @model_validator(mode="after")
    def _belongs_to_its_split(self) -> DataSettings:
        belongs = {"published": (0, 0), "random": (1, 0), "given": (0, 1)}[self.split]
        if (self.known_count is not None, self.known is not None) != belongs:
            raise ValueError("a random split has 'known_count', a given one 'known', a published one neither")
        if (self.unknown is not None) != (self.split == "given"):
            raise ValueError("'unknown' belongs to a given split, and to no other")
        if self.validation_images and self.images is None:
            raise ValueError("no training images are left for validation; give a number of 'images'")
        return self


class Recipe(StrictModel):
    """A network and how it is trained.

    Attributes:
        network: its name in `networks.py`.
        epochs: 0: it is left as it was initialised.
        learning_rate: the highest.
        schedule: after the warm-up: `constant`, or down along a `cosine`.
        cycles: so often the cosine is run down, one after another (Loshchilov and Hutter 2017).
        warm_up: epochs in which the learning rate rises from zero.
        augmentation: RandAugment with one operation for each image; `upright`: without rotations and
            translations, the official code's list for digits.
        magnitude: RandAugment's, from 0 to 30.
        margin: black pixels around an image, of which random crops are taken, half of them mirrored; 0: none.
    """

    network: str
    epochs: int = Field(ge=0)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    schedule: Literal["constant", "cosine"] = "constant"
    cycles: int = Field(default=1, ge=1)
    warm_up: float = Field(default=0.0, ge=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(default=0.0001, ge=0)
    augmentation: Augmentation = "none"
    magnitude: int = Field(default=0, ge=0, le=30)
    margin: int = Field(default=0, ge=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    precision: Precision = "float32"
    compiled: bool = False

    @model_validator(mode="after")
    def _warms_up_within_its_epochs(self) -> Recipe:
        if self.epochs and self.warm_up >= self.epochs:
            raise ValueError(f"a warm-up of {self.warm_up} epochs leaves none of {self.epochs}")
        return self

    def descent(self) -> DescentSettings:
        """What the trainer needs; the learning rate is set from outside, step by step."""
        return DescentSettings(
            epochs=self.epochs,
            batch_size=self.batch_size,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            precision=self.precision,
            compiled=self.compiled,
        )
