"""The images of base classes, to train on, and of novel classes, to be tested on."""

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
from experiments.few_shot.image_folders import read_class_folders
from experiments.few_shot.partitions import ClassPartition, cifar_fs_partition, random_partition
from experiments.few_shot.settings import DataSettings

Labelled = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True)
class ClassImages:
    """Images of base classes and of those that are judged, whose labels count from 0 in either set.

    Attributes:
        base: training images, with augmentation.
        held_out: other images of the base classes; None where all are trained on.
        judged: images of the classes that test episodes are drawn from.
    """

    partition: ClassPartition
    base: ImageSet
    held_out: ImageSet | None
    judged: ImageSet

    @property
    def channels(self) -> int:
        """Of an image."""
        return self.base.images.shape[3]


def load_class_images(
    settings: DataSettings, root: Path, folders: Mapping[str, Path], seed: int, device: torch.device
) -> ClassImages:
    """Read the images and divide their classes, standardised by the training images of the base classes.

    Base classes are trained on with the training split, novel ones tested with the test split. Validation
    classes are judged on their training split, so that no choice of settings sees an image of a test; a
    folder has one split, used for all. Raises BadInputError where data are missing or classes too few.
    """
    if settings.split == "cifar_fs":
        if settings.dataset not in folders:
            raise BadInputError(
                f"CIFAR-FS is read from a folder of yours: name it with --folder {settings.dataset}=<path>."
            )
        images, labels, names = read_class_folders(folders[settings.dataset] / "data")
        partition = cifar_fs_partition(names)
        return _divided(settings, partition, (images, labels), (images, labels), None, device)
    train, test = (_prepared(settings.dataset, split, root) for split in ("train", "test"))
    classes = int(train[1].max()) + 1
    draws = generator(seed, "class partition")
    partition = random_partition(classes, settings.base, settings.validation, settings.novel, draws)
    judged = test if settings.judged == "novel" else train
    return _divided(settings, partition, train, judged, test, device)


def _divided(
    settings: DataSettings,
    partition: ClassPartition,
    train: Labelled,
    to_judge: Labelled,
    held_out: Labelled | None,
    device: torch.device,
) -> ClassImages:
    base = _of_classes(train, partition.base, settings.images)
    standardise = Standardise.of(torch.from_numpy(base[0]))

    def on_device(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> ImageSet:
        pixels, classes = torch.from_numpy(images).to(device), torch.from_numpy(labels).to(device)
        return ImageSet(pixels, classes, standardise, settings.margin)

    judged = partition.novel if settings.judged == "novel" else partition.validation
    if not judged:
        raise BadInputError(
            "'judged' is validation, but there are no validation classes; raise 'validation'."
        )
    others = None
    if held_out is not None:
        others = on_device(*_of_classes(held_out, partition.base, settings.test_images))
    return ClassImages(
        partition, on_device(*base), others, on_device(*_of_classes(to_judge, judged, settings.test_images))
    )


def _of_classes(data: Labelled, classes: Sequence[int], count: int | None) -> Labelled:
    """The first `count` images of each class, whose labels become places in `classes`."""
    images, labels = data
    places = [np.flatnonzero(labels == label)[:count] for label in classes]
    renamed = np.repeat(np.arange(len(classes)), [len(members) for members in places])
    return np.ascontiguousarray(images[np.concatenate(places)]), renamed


def _prepared(dataset: str, split: str, root: Path) -> Labelled:
    arrays = load(dataset, root)
    for name in (f"{split}_images", f"{split}_labels"):
        if name not in arrays:
            raise BadInputError(f"Data set {dataset} has no '{name}'; it has {', '.join(sorted(arrays))}.")
    images: NDArray[Any] = arrays[f"{split}_images"]
    labels = np.array(arrays[f"{split}_labels"], dtype=np.int64)
    return (images if images.ndim == 4 else images[..., None]), labels
