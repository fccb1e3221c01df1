"""Settings of discovery among images, checked before anything heavy is imported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from common.strict import StrictModel


class ImageSettings(StrictModel):
    """Which images, and which of their classes are known and which novel.

    Attributes:
        dataset: a prepared data set, or the name of a folder that the user gives.
        split: `random`: classes drawn by the seed; `first`: the first ones are known, the next ones novel;
            `given`: by the two lists.
        known, novel: numbers of classes, where no lists are given.
        given_known, given_novel: the data set's own numbers of the classes.
        images: the first so many training images of each class; null: all.
        test_images: the first so many test images of each class; null: all.
        choosing: for choosing settings: training and test images are both taken from the end of the training
            images, so that no verdict sees one of them.
        margin: black pixels around an image from which random crops are drawn; 0: no augmentation.
    """

    dataset: str
    split: Literal["random", "first", "given"] = "random"
    known: int = Field(default=0, ge=0)
    novel: int = Field(default=0, ge=0)
    given_known: list[int] = []
    given_novel: list[int] = []
    images: int | None = Field(default=None, ge=1)
    test_images: int | None = Field(default=None, ge=1)
    choosing: bool = False
    margin: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _has_classes_of_both_kinds(self) -> ImageSettings:
        if self.split == "given":
            if self.known or self.novel or not (self.given_known and self.given_novel):
                raise ValueError(
                    "a given split needs 'given_known' and 'given_novel', and no numbers of classes"
                )
        elif self.given_known or self.given_novel or not (self.known and self.novel):
            raise ValueError(f"a {self.split} split needs numbers of 'known' and 'novel' classes above 0")
        return self

    @property
    def split_name(self) -> str:
        """The split in words; a given one by its known classes."""
        return f"known {' '.join(map(str, self.given_known))}" if self.split == "given" else self.split

    @model_validator(mode="after")
    def _counted_where_settings_are_chosen(self) -> ImageSettings:
        if self.choosing and (self.images is None or self.test_images is None):
            raise ValueError("where settings are chosen, 'images' and 'test_images' must be numbers")
        return self


class ObjectiveSettings(StrictModel):
    """What the baselines need to know; each says which of it it reads.

    Attributes:
        temperature: that cosines are divided by before a softmax.
        top: k of the rank statistics: so many largest feature dimensions make a set.
        similar: the cosine from which on NCL takes two images for one class.
        consistency: the highest weight of the difference between two views.
        increment: the highest weight of novel pseudo-labels in the joint head.
        ramp_up: epochs until the two weights are reached.
        contrast: the weight of NCL's contrastive losses.
        contrast_temperature: of their cosines.
        queue: features of so many earlier images are kept.
        neighbours: how many of them count as positives.
        hard_negatives: mixtures kept for each image; twice as many are tried.
    """

    temperature: float = Field(default=0.1, gt=0)
    top: int = Field(default=5, ge=1)
    similar: float = Field(default=0.95, ge=-1, le=1)
    consistency: float = Field(default=5.0, ge=0)
    increment: float = Field(default=0.05, ge=0)
    ramp_up: float = Field(default=50.0, ge=0)
    contrast: float = Field(default=1.0, ge=0)
    contrast_temperature: float = Field(default=0.05, gt=0)
    queue: int = Field(default=2000, ge=1)
    neighbours: int = Field(default=200, ge=1)
    hard_negatives: int = Field(default=200, ge=1)
