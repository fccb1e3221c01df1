"""The parts of a data set: images that features are learned from, a pool to draw from, test images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, NonNegativeInt, model_validator

from common.data.arrays import load
from common.strict import BadInputError, StrictModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labelled = tuple[NDArray[np.uint8], NDArray[np.int64]]

Range = tuple[NonNegativeInt, NonNegativeInt]


class DataSettings(StrictModel):
    """Which images are for what: places among the training images, from and up to, and the first test images.

    What the features learn from and the pool have no image in common: no label is seen before it is drawn.
    """

    dataset: str
    classes: int = Field(ge=2)
    feature_images: Range = (0, 0)
    pool_images: Range
    test_images: int = Field(ge=1)

    @model_validator(mode="after")
    def _apart(self) -> DataSettings:
        (first, end), (start, last) = self.feature_images, self.pool_images
        if first < last and start < end and first < end:
            raise ValueError(f"'feature_images' {first, end} and 'pool_images' {start, last} overlap")
        return self


def training_part(settings: DataSettings, part: Range, root: Path) -> Labelled:
    """Training images at the places `part`, as of `_labelled`."""
    return _labelled(settings, "train", part, root)


def test_part(settings: DataSettings, root: Path) -> Labelled:
    """The first test images, as of `_labelled`."""
    return _labelled(settings, "test", (0, settings.test_images), root)


def _labelled(settings: DataSettings, split: str, part: Range, root: Path) -> Labelled:
    """Bytes `[n, h, w, channels]` and labels `[n]`; raises BadInputError where they can't be had."""
    import numpy as np

    arrays = load(settings.dataset, root)
    if f"{split}_images" not in arrays:
        raise BadInputError(
            f"Data set {settings.dataset} has no '{split}_images'; it has {', '.join(sorted(arrays))}."
        )
    first, end = part
    there = len(arrays[f"{split}_images"])
    if not first < end <= there:
        raise BadInputError(
            f"{settings.dataset} has {there} images in its {split} split, so that those from {first} to "
            f"{end} can't be had; correct the ranges in the paper's config.yaml."
        )
    images: NDArray[np.uint8] = np.array(arrays[f"{split}_images"][first:end])
    labels = np.array(arrays[f"{split}_labels"][first:end], dtype=np.int64)
    if labels.max() >= settings.classes:
        raise BadInputError(
            f"The labels of {settings.dataset} go up to {labels.max()}, but 'classes' is {settings.classes}."
        )
    return (images if images.ndim == 4 else images[..., None]), labels
