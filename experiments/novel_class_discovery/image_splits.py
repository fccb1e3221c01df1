"""The images of a discovery task: with labels, without, and for the test; classes are renumbered."""

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
from common.training.seeding import generator
from experiments.novel_class_discovery.class_splits import check_classes
from experiments.novel_class_discovery.image_folders import read_class_folders
from experiments.novel_class_discovery.image_settings import ImageSettings

Labelled = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True)
class ImageSplit:
    """Known classes are numbered from 0, novel ones after them.

    Attributes:
        classes: the data set's own number of each class, known ones first.
        labelled: training images of known classes.
        unlabelled: training images of novel classes; their labels serve for scoring alone.
        test: images of all classes.
    """

    classes: tuple[int, ...]
    known: int
    labelled: ImageSet
    unlabelled: ImageSet
    test: ImageSet

    @property
    def novel(self) -> int:
        """How many novel classes there are."""
        return len(self.classes) - self.known

    @property
    def channels(self) -> int:
        """Of an image."""
        return self.labelled.images.shape[3]


def load_image_split(
    settings: ImageSettings, root: Path, folders: Mapping[str, Path], seed: int, device: torch.device
) -> ImageSplit:
    """Read the images and divide their classes; all are standardised by the labelled images.

    Raises BadInputError where data are missing, classes too few, or images too few to choose settings on.
    """
    train, test = (_read(settings.dataset, part, root, folders) for part in ("train", "test"))
    known, novel = chosen_classes(train[1], settings, seed)
    check_classes(train[1], np.array(known), np.array(novel))
    classes = (*known, *novel)
    if settings.choosing:
        train, test = _for_choosing(train, classes, settings)
    labelled = _of_classes(train, known, 0, settings.images)
    standardise = Standardise.of(torch.from_numpy(labelled[0]))

    def on_device(part: Labelled) -> ImageSet:
        pixels, labels = (torch.from_numpy(array).to(device) for array in part)
        return ImageSet(pixels, labels, standardise, settings.margin)

    unlabelled = _of_classes(train, novel, len(known), settings.images)
    tested = _of_classes(test, classes, 0, settings.test_images)
    return ImageSplit(classes, len(known), *map(on_device, (labelled, unlabelled, tested)))


def chosen_classes(
    labels: NDArray[np.int64], settings: ImageSettings, seed: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The known classes and the novel ones, each in ascending order.

    Raises BadInputError where there are fewer classes than asked for.
    """
    if settings.split == "given":
        return tuple(sorted(settings.given_known)), tuple(sorted(settings.given_novel))
    there = [int(label) for label in np.unique(labels)]
    wanted = settings.known + settings.novel
    if wanted > len(there):
        raise BadInputError(
            f"{settings.known} known and {settings.novel} novel classes are more than the {len(there)} of "
            f"{settings.dataset}; lower one of the two."
        )
    if settings.split == "random":
        order = torch.randperm(len(there), generator=generator(seed, "class split")).tolist()
        there = [there[place] for place in order]
    return tuple(sorted(there[: settings.known])), tuple(sorted(there[settings.known : wanted]))


def _for_choosing(
    train: Labelled, classes: Sequence[int], settings: ImageSettings
) -> tuple[Labelled, Labelled]:
    """The last training images of each class, those to be tested before those to train on."""
    assert settings.images is not None
    assert settings.test_images is not None  # the settings were checked for both
    images, labels = train
    needed = 2 * settings.images + settings.test_images  # the first `images` are those of the verdicts
    trained, tested = [], []
    for label in classes:
        places = np.flatnonzero(labels == label)
        if len(places) < needed:
            raise BadInputError(
                f"To choose settings beside the verdicts' images takes {needed} of each class, and class "
                f"{label} has {len(places)}; lower 'images' or 'test_images'."
            )
        trained.append(places[-settings.images :])
        tested.append(places[-settings.images - settings.test_images : -settings.images])
    chosen = [np.concatenate(places) for places in (trained, tested)]
    first, second = ((images[places], labels[places]) for places in chosen)
    return first, second


def _of_classes(data: Labelled, classes: Sequence[int], number: int, count: int | None) -> Labelled:
    """The first `count` images of each class, which are numbered from `number`."""
    images, labels = data
    places = [np.flatnonzero(labels == label)[:count] for label in classes]
    renamed = np.repeat(np.arange(len(classes)), [len(members) for members in places]) + number
    return np.ascontiguousarray(images[np.concatenate(places)]), renamed


def _read(dataset: str, part: str, root: Path, folders: Mapping[str, Path]) -> Labelled:
    if dataset in folders:
        return read_class_folders(folders[dataset], part)
    arrays = load(dataset, root)
    for name in (f"{part}_images", f"{part}_labels"):
        if name not in arrays:
            raise BadInputError(f"Data set {dataset} has no '{name}'; it has {', '.join(sorted(arrays))}.")
    images: NDArray[Any] = np.asarray(arrays[f"{part}_images"])
    labels = np.array(arrays[f"{part}_labels"], dtype=np.int64)
    return (images if images.ndim == 4 else images[..., None]), labels
