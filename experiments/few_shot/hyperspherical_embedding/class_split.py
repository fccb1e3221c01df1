"""Old and new classes, and the images of each that are learned from and judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from common.data.arrays import load
from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.few_shot.hyperspherical_embedding.settings import ImageSettings
from experiments.few_shot.image_folders import read_class_folders

HELD_OUT = 100  # images of a class in a folder that are the test's: as many as CIFAR-100 has
Labelled = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True)
class AllImages:
    """Bytes `[n, h, w, channels]` and labels `[n]` of all classes, to learn from and to be judged."""

    learned: Labelled
    judged: Labelled

    @property
    def classes(self) -> int:
        """How many there are."""
        return int(self.learned[1].max()) + 1


@dataclass(frozen=True)
class ClassSplit:
    """The labels of either side count from 0; `new` is what is imprinted, never trained on."""

    old: ImageSet
    new: ImageSet
    old_test: ImageSet
    new_test: ImageSet


def read_images(settings: ImageSettings, root: Path, folders: Mapping[str, Path]) -> AllImages:
    """Read all classes; raises BadInputError where images are missing or too few.

    Validation images are training images, so that settings are chosen without a look at any test image.
    """
    train, test = (
        _from_folder(settings, folders) if settings.source == "folder" else _prepared(settings, root)
    )
    if settings.judged == "test":
        return AllImages(_window(train, 0, settings.images), _window(test, 0, settings.test_images))
    if settings.images is None:
        raise BadInputError(
            "'judged' is validation, but all training images are learned from; give 'images' a number."
        )
    judged = _window(train, settings.images, settings.test_images)
    return AllImages(_window(train, 0, settings.images), judged)


def split_classes(
    images: AllImages,
    old: Sequence[int],
    new: Sequence[int],
    device: torch.device,
    standardise: Standardise | None = None,
) -> ClassSplit:
    """The images of old and of new classes; by default standardised by the old ones that are learned from.

    Raises BadInputError where a class is on both sides or has no image.
    """
    both = sorted(set(old) & set(new))
    if both:
        raise BadInputError(f"Classes {both} are old and new at once; take them out of one of the two.")
    learned = of_classes(images.learned, old)
    constants = standardise or Standardise.of(torch.from_numpy(learned[0]))

    def of(data: Labelled) -> ImageSet:
        pixels, labels = (torch.from_numpy(part).to(device) for part in data)
        return ImageSet(pixels, labels, constants)

    return ClassSplit(
        old=of(learned),
        new=of(of_classes(images.learned, new)),
        old_test=of(of_classes(images.judged, old)),
        new_test=of(of_classes(images.judged, new)),
    )


def of_classes(data: Labelled, classes: Sequence[int]) -> Labelled:
    """The images of `classes`, class after class, whose labels become places in that list."""
    images, labels = data
    places = [np.flatnonzero(labels == label) for label in classes]
    for label, members in zip(classes, places, strict=True):
        if not len(members):
            raise BadInputError(
                f"Class {label} has no image; correct 'images', 'test_images' or the classes."
            )
    renamed = np.repeat(np.arange(len(classes)), [len(members) for members in places])
    return np.ascontiguousarray(images[np.concatenate(places)]), renamed


def _window(data: Labelled, first: int, count: int | None) -> Labelled:
    """Of each class `count` images, or all, from the place `first` on."""
    images, labels = data
    end = None if count is None else first + count
    classes = range(int(labels.max()) + 1)
    chosen = np.concatenate([np.flatnonzero(labels == label)[first:end] for label in classes])
    if not len(chosen):
        raise BadInputError(f"No class has images from place {first} on; lower 'images'.")
    return images[chosen], labels[chosen]


def _prepared(settings: ImageSettings, root: Path) -> tuple[Labelled, Labelled]:
    arrays = load(settings.dataset, root)
    missing = [f"{split}_images" for split in ("train", "test") if f"{split}_images" not in arrays]
    if missing:
        raise BadInputError(
            f"Data set {settings.dataset} has no '{missing[0]}'; it has {', '.join(sorted(arrays))}."
        )
    train, test = (
        (_with_channels(arrays[f"{split}_images"]), np.array(arrays[f"{split}_labels"], dtype=np.int64))
        for split in ("train", "test")
    )
    return train, test


def _with_channels(images: NDArray[Any]) -> NDArray[np.uint8]:
    return images if images.ndim == 4 else images[..., None]


def _from_folder(settings: ImageSettings, folders: Mapping[str, Path]) -> tuple[Labelled, Labelled]:
    name = settings.dataset
    if name not in folders:
        raise BadInputError(f"{name} is read from a folder of yours: name it with --folder {name}=<path>.")
    images, labels, _ = read_class_folders(folders[name] / "data")
    fewest = int(np.bincount(labels).min())
    if fewest <= HELD_OUT:
        raise BadInputError(
            f"A class below {folders[name]} has {fewest} images, of which the last {HELD_OUT} are held out "
            "for the test; give each class more."
        )
    members = [np.flatnonzero(labels == label) for label in range(int(labels.max()) + 1)]
    train = np.concatenate([own[:-HELD_OUT] for own in members])
    test = np.concatenate([own[-HELD_OUT:] for own in members])
    return (images[train], labels[train]), (images[test], labels[test])
