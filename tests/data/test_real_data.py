"""The real data, where they are prepared; each test says loudly when they are not."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from common.data.arrays import load, verify
from common.data.manifests import PREPARED
from common.data.sources import load_sources

# MD5 of the files of the official binary release (data_batch_<k>.bin, test_batch.bin), as published by
# programs that check them after download. A record is the label's byte, then all red, green and blue values.
OFFICIAL_BINARY_BATCHES = [
    "5dd7e06a14cb22eb9f671a540d1b7c25",
    "5ea93a67294ea407fff1d09f752e9692",
    "942cd6a4bcdd0dd3c604fbe906cb4421",
    "ae636b3ba5c66a11e91e8cb52e771fcb",
    "53f37980c15c3d472c316c40844f3f0d",
    "803d5f7f4d78ea53de84dbe85f74fb6d",
]


def needs(dataset: str) -> None:
    if not (PREPARED / dataset).exists():
        pytest.skip(f"NOT CHECKED: {dataset} is not prepared; type: python -m common.data {dataset}")


def test_cifar10_equals_the_official_binary_release() -> None:
    needs("cifar10")
    arrays = load("cifar10")
    images = [*np.split(arrays["train_images"], 5), arrays["test_images"]]
    labels = [*np.split(arrays["train_labels"], 5), arrays["test_labels"]]
    for batch, (pixels, classes) in enumerate(zip(images, labels, strict=True)):
        planes = pixels.transpose(0, 3, 1, 2).reshape(len(pixels), -1)
        records = np.concatenate([classes.astype(np.uint8)[:, None], planes], axis=1)
        assert hashlib.md5(records.tobytes()).hexdigest() == OFFICIAL_BINARY_BATCHES[batch]


@pytest.mark.parametrize("dataset", sorted(load_sources()))
def test_prepared_arrays_are_those_of_the_manifest(dataset: str) -> None:
    needs(dataset)
    verify(dataset)


@pytest.mark.parametrize(
    ("dataset", "array", "per_class"),
    [
        ("cifar10", "train_labels", [5000] * 10),
        ("fashion_mnist", "test_labels", [1000] * 10),
        ("mnist", "test_labels", [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
    ],
)
def test_classes_are_as_frequent_as_published(dataset: str, array: str, per_class: list[int]) -> None:
    needs(dataset)
    assert np.bincount(load(dataset)[array]).tolist() == per_class


def test_frost_photographs_leave_room_for_a_crop() -> None:
    needs("frost_photographs")
    arrays = load("frost_photographs")
    assert sorted(arrays) == [f"frost{number}" for number in range(1, 7)]
    assert all(min(picture.shape[:2]) > 32 and picture.shape[2] == 3 for picture in arrays.values())


def test_the_test_rows_of_optdigits_are_scikit_learns_digits() -> None:
    needs("optdigits")
    needs("digits")
    whole, shipped = load("optdigits"), load("digits")
    np.testing.assert_array_equal(whole["test_features"].reshape(-1, 8, 8), shipped["images"])
    np.testing.assert_array_equal(whole["test_labels"], shipped["labels"])
