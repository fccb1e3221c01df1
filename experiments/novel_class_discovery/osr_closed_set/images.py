"""The images of a split: known ones to train on, known and unknown ones to be judged on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from common.data.arrays import load
from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from common.training.seeding import generator
from experiments.novel_class_discovery.osr_closed_set.class_splits import (
    OpenSetSplit,
    given_split,
    published_split,
    random_split,
)
from experiments.novel_class_discovery.osr_closed_set.settings import DataSettings

Labelled = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True)
class OpenSetImages:
    """All standardised by the training images, which are of known classes alone.

    Attributes:
        validation: of known classes, from the training split, not trained on; None where none were asked for.
        known: test images of known classes.
        unknown: test images of unknown classes, whose labels are the classes' numbers in the data set.
    """

    split: OpenSetSplit
    training: ImageSet
    validation: ImageSet | None
    known: ImageSet
    unknown: ImageSet

    @property
    def channels(self) -> int:
        """Of an image."""
        return self.training.images.shape[3]


def load_open_set(settings: DataSettings, root: Path, seed: int, device: torch.device) -> OpenSetImages:
    """Read the images and divide their classes.

    Raises BadInputError where the data set is missing, or has too few classes or images.
    """
    train, test = (_read(settings.dataset, name, root) for name in ("train", "test"))
    split = open_set_split(settings, seed, set(np.unique(train[1]).tolist()))
    first, more = settings.images, settings.validation_images
    training = _of_classes(train, split.known, 0, first, settings.dataset)
    pixels = _resized(training[0], settings.side)
    standardise = Standardise.of(pixels)

    def prepared(images: Tensor, labels: NDArray[np.int64]) -> ImageSet:
        return ImageSet(images.to(device), torch.from_numpy(labels).to(device), standardise)

    def chosen(data: Labelled, classes: tuple[int, ...], start: int, count: int | None) -> ImageSet:
        images, labels = _of_classes(data, classes, start, count, settings.dataset)
        return prepared(_resized(images, settings.side), labels)

    unknown = chosen(test, split.unknown, 0, settings.test_images)
    numbers = torch.tensor(split.unknown, device=device)[unknown.labels]
    return OpenSetImages(
        split,
        training=prepared(pixels, training[1]),
        validation=chosen(train, split.known, first or 0, more) if more else None,
        known=chosen(test, split.known, 0, settings.test_images),
        unknown=unknown.with_labels(numbers),
    )


def open_set_split(settings: DataSettings, seed: int, there: set[int]) -> OpenSetSplit:
    """The split of `settings` at a seed, among the classes that are `there`; raises BadInputError."""
    if settings.split == "published":
        return published_split(settings.dataset, seed, there)
    if settings.known_count is not None:
        return random_split(settings.dataset, settings.known_count, generator(seed, "known classes"), there)
    assert settings.known is not None  # the settings were checked
    assert settings.unknown is not None
    unknown = [label for group in settings.unknown.values() for label in group]
    return given_split(settings.dataset, settings.known, unknown, there)


def _read(dataset: str, name: str, root: Path) -> Labelled:
    """Bytes `[n, h, w, channels]` and labels `[n]` of a split; raises BadInputError where it isn't there."""
    arrays = load(dataset, root)
    for part in (f"{name}_images", f"{name}_labels"):
        if part not in arrays:
            raise BadInputError(f"Data set {dataset} has no '{part}'; it has {', '.join(sorted(arrays))}.")
    images: NDArray[Any] = arrays[f"{name}_images"]
    labels = np.array(arrays[f"{name}_labels"], dtype=np.int64)
    return (images if images.ndim == 4 else images[..., None]), labels


def _of_classes(
    data: Labelled, classes: tuple[int, ...], start: int, count: int | None, dataset: str
) -> Labelled:
    """Of each class the images from `start`, `count` of them or all; labels become places in `classes`."""
    images, labels = data
    end = None if count is None else start + count
    places = [np.flatnonzero(labels == label)[start:end] for label in classes]
    for label, members in zip(classes, places, strict=True):
        if not len(members) or (count is not None and len(members) < count):
            raise BadInputError(
                f"Class {label} of {dataset} has {len(members)} image(s) where {count or 'some'} are asked "
                f"for, from its number {start} on; lower 'images', 'validation_images' or 'test_images'."
            )
    renamed = np.repeat(np.arange(len(classes)), [len(members) for members in places])
    return np.ascontiguousarray(images[np.concatenate(places)]), renamed


def _resized(images: NDArray[np.uint8], side: int) -> Tensor:
    """Bytes `[n, side, side, channels]`, bilinear, with antialiasing where images shrink."""
    pixels = torch.from_numpy(images)
    if pixels.shape[1:3] == (side, side):
        return pixels
    parts = [
        F.interpolate(part.permute(0, 3, 1, 2).float(), (side, side), mode="bilinear", antialias=True)
        for part in pixels.split(5000)
    ]
    return torch.cat(parts).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
