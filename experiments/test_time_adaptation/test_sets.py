"""Test sets: the corrupted images and labels of one condition, from prepared arrays or a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.data.arrays import load
from common.strict import BadInputError
from experiments.test_time_adaptation.image_files import ImageFiles

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int64]
Array = NDArray[Any]


@dataclass(frozen=True)
class TestSet:
    """Byte images `[n, h, w, channels]` and labels `[n]`, on the device that adapts to them.

    Images of a tree of files stay on disk: ImageNet-C at one severity would be 113 GB of bytes.
    """

    __test__ = False  # not a test, whatever pytest makes of its name

    images: Tensor | ImageFiles
    labels: Tensor


def prepared_test_set(
    dataset: str,
    root: Path,
    corruption: str,
    severity: int,
    images: slice,
    classes: int,
    device: torch.device,
) -> TestSet:
    """One corruption at one severity of a prepared data set; raises BadInputError if it was not made."""
    arrays = load(dataset, root)
    name = f"{corruption}_{severity}"
    if name not in arrays:
        raise BadInputError(
            f"Data set {dataset} has no '{name}'; the corruption stage makes {sorted(arrays)}."
        )
    return _on_device(arrays[name][images], arrays["labels"][images], classes, device)


def folder_test_set(
    folder: Path, corruption: str, severity: int, images: slice, classes: int, device: torch.device
) -> TestSet:
    """A released set in the user's folder: arrays, or ImageNet-C's tree of JPEG files.

    Arrays are <corruption>_<severity>.npy with labels.npy beside them, as `python -m common.data cifar10_c`
    (or `cifar100_c`) makes them of the release. Raises BadInputError where the folder holds neither, where
    images and labels don't belong together, or where they are not of the network's `classes`.
    """
    array = folder / f"{corruption}_{severity}.npy"
    if array.is_file():
        return _on_device(*_from_arrays(array, images, classes), classes, device)
    return _from_tree(folder / corruption / str(severity), images, classes, device)


def _on_device(images: Array, labels: Array, classes: int, device: torch.device) -> TestSet:
    if labels.max(initial=0) >= classes:
        raise BadInputError(
            f"The labels go up to {labels.max()}, but the network has {classes} classes from 0."
        )
    # Copied, since memory-mapped arrays are read-only and torch has no such tensors.
    return TestSet(*(torch.from_numpy(np.array(array)).to(device) for array in (images, labels)))


def _from_arrays(path: Path, chosen: slice, expected_classes: int) -> tuple[Bytes, Indices]:
    labels_path = path.with_name("labels.npy")
    if not labels_path.is_file():
        raise BadInputError(f"{path} has no labels: {labels_path} does not exist.")
    images, labels = np.load(path, mmap_mode="r"), np.load(labels_path)
    classes = len(np.unique(labels))
    if classes != expected_classes:
        raise BadInputError(
            f"{labels_path} has labels of {classes} classes, but the network has {expected_classes}: the "
            f"folder is of another data set."
        )
    if images.dtype != np.uint8 or images.ndim != 4 or len(images) != len(labels):
        raise BadInputError(
            f"{path} holds {images.dtype} {list(images.shape)}, not bytes [{len(labels)}, h, w, 3] to match "
            f"labels.npy."
        )
    return images[chosen], labels[chosen]


def _from_tree(place: Path, chosen: slice, expected_classes: int, device: torch.device) -> TestSet:
    """<corruption>/<severity>/<class>/*.JPEG, classes numbered in sorted order, so all must be there."""
    files = sorted(place.glob("*/*.JPEG"))
    if not files:
        array = place.parent.with_name(f"{place.parent.name}_{place.name}.npy")
        raise BadInputError(f"{place} holds no */*.JPEG files, and there is no {array} either.")
    classes = {name: index for index, name in enumerate(sorted({file.parent.name for file in files}))}
    if len(classes) != expected_classes:
        raise BadInputError(f"{place} has {len(classes)} classes, but the network has {expected_classes}.")
    labels = torch.tensor([classes[file.parent.name] for file in files[chosen]], device=device)
    return TestSet(ImageFiles(files[chosen], device), labels)
