"""Test sets: the corrupted images and labels of one condition, from prepared arrays or a folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.data.arrays import load
from common.strict import BadInputError

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class TestSet:
    """Byte images `[n, h, w, channels]` and labels `[n]`, on the device that adapts to them."""

    __test__ = False  # not a test, whatever pytest makes of its name

    images: Tensor
    labels: Tensor


def prepared_test_set(
    dataset: str, root: Path, corruption: str, severity: int, images: slice, device: torch.device
) -> TestSet:
    """One corruption at one severity of a prepared data set; raises BadInputError if it was not made."""
    arrays = load(dataset, root)
    name = f"{corruption}_{severity}"
    if name not in arrays:
        raise BadInputError(
            f"Data set {dataset} has no '{name}'; the corruption stage makes {sorted(arrays)}."
        )
    chosen = arrays[name][images], arrays["labels"][images]
    return TestSet(*(torch.from_numpy(np.array(array)).to(device) for array in chosen))


def folder_test_set(folder: Path, corruption: str, severity: int, device: torch.device) -> TestSet:
    """A released set in the user's folder: arrays, or ImageNet-C's tree of JPEG files.

    Arrays are <corruption>_<severity>.npy with labels.npy beside them, as `python -m common.data cifar10_c`
    makes them of the released CIFAR-10-C.
    """
    arrays = folder / f"{corruption}_{severity}.npy"
    if arrays.is_file():
        images, labels = np.load(arrays), np.load(folder / "labels.npy")
    else:
        images, labels = _from_tree(folder, corruption, severity)
    return TestSet(torch.from_numpy(images).to(device), torch.from_numpy(labels).to(device))


def _from_tree(folder: Path, corruption: str, severity: int) -> tuple[Bytes, Indices]:
    """<corruption>/<severity>/<class>/*.JPEG, classes numbered in sorted order."""
    from PIL import Image

    place = folder / corruption / str(severity)
    files = sorted(place.glob("*/*.JPEG"))
    if not files:
        raise BadInputError(f"{place} holds no */*.JPEG files, and {folder} no array of {corruption}.")
    classes = {name: index for index, name in enumerate(sorted({file.parent.name for file in files}))}
    labels = np.array([classes[file.parent.name] for file in files])

    def decode(file: Path) -> Bytes:
        return np.asarray(Image.open(file).convert("RGB"))

    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(decode, files))), labels
