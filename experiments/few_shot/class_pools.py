"""Labelled images of a data set with the partition of its classes, before either is on a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.data.arrays import load
from common.strict import BadInputError
from common.training.seeding import generator
from experiments.few_shot.fc100 import fc100_partition
from experiments.few_shot.image_folders import NamedImages, read_class_folders
from experiments.few_shot.mini_imagenet import read_mini_imagenet
from experiments.few_shot.mini_imagenet_classes import ravi_partition
from experiments.few_shot.omniglot import TURNS, Omniglot, read_omniglot, turned
from experiments.few_shot.omniglot_partitions import lake_partition, turned_partition, vinyals_partition
from experiments.few_shot.partitions import ClassPartition, cifar_fs_partition, random_partition
from experiments.few_shot.settings import DataSettings


class Labelled(NamedTuple):
    """Bytes `[n, h, w, channels]` and the class of each, int64 `[n]`."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def of_classes(self, classes: Sequence[int], count: int | None) -> Labelled:
        """The first `count` images of each class, whose labels become places in `classes`."""
        order = np.argsort(self.labels, kind="stable")
        first, last = (np.searchsorted(self.labels[order], classes, side) for side in ("left", "right"))
        places = [order[start:end][:count] for start, end in zip(first, last, strict=True)]
        renamed = np.repeat(np.arange(len(classes)), [len(members) for members in places])
        return Labelled(np.ascontiguousarray(self.images[np.concatenate(places)]), renamed)


class ClassPool(NamedTuple):
    """Where images of each kind are taken from.

    Attributes:
        base: images of base classes, to train on.
        judged: images of those classes that test episodes are drawn from.
        held_out: other images of base classes; None where all are trained on.
    """

    partition: ClassPartition
    base: Labelled
    judged: Labelled
    held_out: Labelled | None


def _read_cifar100(folder: Path) -> NamedImages:
    return read_class_folders(folder / "data")


Read = Callable[[Path], NamedImages]
Divide = Callable[[Sequence[str]], ClassPartition]
NAMED_SPLITS: dict[str, tuple[Read, Divide]] = {
    "cifar_fs": (_read_cifar100, cifar_fs_partition),
    "fc100": (_read_cifar100, fc100_partition),
    "mini_imagenet_ravi": (read_mini_imagenet, ravi_partition),
}


def class_pool(settings: DataSettings, root: Path, folders: Mapping[str, Path], seed: int) -> ClassPool:
    """Read the images and divide their classes; raises BadInputError where either can't be had."""
    if settings.dataset == "omniglot":
        return _omniglot(settings, root, seed)
    if settings.split in NAMED_SPLITS:
        return _named_classes(settings, folders)
    return _prepared(settings, root, seed)


def _omniglot(settings: DataSettings, root: Path, seed: int) -> ClassPool:
    """Twenty drawings of each character are all there is, so that none is held out of training."""
    omniglot = read_omniglot(root)
    partition = _characters(settings, omniglot, seed)
    if settings.train_on_validation:
        partition = partition.with_validation_in_base()
    characters = np.array([*partition.base, *partition.validation, *partition.novel])
    pictures = omniglot.pictures(characters, settings.side, settings.resampling)
    turns = turned(pictures) if settings.rotations != "none" else pictures[:, None]
    classes = characters[:, None] * TURNS + np.arange(turns.shape[1])
    labels = classes.repeat(turns.shape[2])
    labelled = Labelled(turns.reshape(len(labels), *turns.shape[3:], 1), labels)
    return ClassPool(turned_partition(partition, settings.rotations), labelled, labelled, None)


def _characters(settings: DataSettings, omniglot: Omniglot, seed: int) -> ClassPartition:
    draws = generator(seed, "class partition")
    if settings.split == "omniglot_vinyals":
        return vinyals_partition(omniglot.names)
    if settings.split == "omniglot_lake":
        return lake_partition(omniglot.alphabets, len(omniglot.background), settings.validation, draws)
    return random_partition(len(omniglot.names), settings.base, settings.validation, settings.novel, draws)


def _named_classes(settings: DataSettings, folders: Mapping[str, Path]) -> ClassPool:
    """From a folder of the user's, whose one split is trained on, validated and tested on."""
    if settings.dataset not in folders:
        raise BadInputError(
            f"The split {settings.split} is read from a folder of yours: name it with "
            f"--folder {settings.dataset}=<path>."
        )
    folder, (read, divide) = folders[settings.dataset], NAMED_SPLITS[settings.split]
    images, labels, names = read(folder)
    partition, labelled = divide(names), Labelled(images, labels)
    if settings.train_on_validation:
        partition = partition.with_validation_in_base()
    return ClassPool(partition, labelled, labelled, None)


def _prepared(settings: DataSettings, root: Path, seed: int) -> ClassPool:
    """Novel classes are judged on the test split; validation ones on the training split."""
    train, test = (_prepared_split(settings.dataset, split, root) for split in ("train", "test"))
    classes = int(train.labels.max()) + 1
    draws = generator(seed, "class partition")
    partition = random_partition(classes, settings.base, settings.validation, settings.novel, draws)
    return ClassPool(partition, train, test if settings.judged == "novel" else train, test)


def _prepared_split(dataset: str, split: str, root: Path) -> Labelled:
    arrays = load(dataset, root)
    for name in (f"{split}_images", f"{split}_labels"):
        if name not in arrays:
            raise BadInputError(f"Data set {dataset} has no '{name}'; it has {', '.join(sorted(arrays))}.")
    images: NDArray[Any] = arrays[f"{split}_images"]
    labels = np.array(arrays[f"{split}_labels"], dtype=np.int64)
    return Labelled(images if images.ndim == 4 else images[..., None], labels)
