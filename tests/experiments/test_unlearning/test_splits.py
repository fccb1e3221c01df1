"""Splits of a small data set whose every image tells its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from common.data.prepare import write_prepared
from common.strict import BadInputError
from experiments.unlearning.settings import DataSettings
from experiments.unlearning.splits import Splits, load_splits

CPU = torch.device("cpu")
COUNTS = (40, 20, 12)  # training images of each class


def labels() -> np.ndarray:
    return np.random.default_rng(0).permutation(np.repeat(np.arange(3), COUNTS)).astype(np.int64)


def prepare(root: Path, gray: bool = True, **changes: Any) -> None:
    """Training images hold their place, 0 to 71; test images are far brighter."""
    shape = (4, 5) if gray else (4, 5, 3)
    places = np.arange(72, dtype=np.uint8).reshape(-1, *(1,) * len(shape))
    arrays = {
        "train_images": np.broadcast_to(places, (72, *shape)).copy(),
        "train_labels": labels(),
        "test_images": np.full((9, *shape), 250, dtype=np.uint8),
        "test_labels": np.arange(9) % 3,
        **changes,
    }
    kept = [(name, array) for name, array in arrays.items() if array is not None]
    write_prepared("toy", kept, root, {})


def settings(**changes: Any) -> DataSettings:
    usual = {"dataset": "toy", "network": "resnet8_quarter", "classes": 3, "validation_share": 0.25}
    return DataSettings(**{**usual, **changes})


def splits(root: Path, **changes: Any) -> Splits:
    return load_splits(settings(**changes), root, CPU)


def places(images: Tensor) -> list[int]:
    return [int(place) for place in images[:, 0, 0, 0]]


def test_training_and_validation_share_the_images_and_every_class(tmp_path: Path) -> None:
    prepare(tmp_path)
    parts = splits(tmp_path)
    assert torch.bincount(parts.validation.labels).tolist() == [10, 5, 3]
    assert torch.bincount(parts.train.labels).tolist() == [30, 15, 9]
    train, validation = places(parts.train.images), places(parts.validation.images)
    assert sorted(train + validation) == list(range(72))
    assert train == sorted(train)
    for part in (parts.train, parts.validation):
        assert part.labels.tolist() == labels()[places(part.images)].tolist()


def test_the_split_is_the_same_each_time_whatever_the_global_generators_do(tmp_path: Path) -> None:
    prepare(tmp_path)
    first = splits(tmp_path)
    np.random.seed(3)
    torch.manual_seed(3)
    assert torch.equal(splits(tmp_path).validation.images, first.validation.images)


def test_pixels_are_standardised_by_training_images_alone(tmp_path: Path) -> None:
    prepare(tmp_path)
    parts = splits(tmp_path)
    pixels = np.array(places(parts.train.images), dtype=float)
    for part in (parts.train, parts.validation, parts.test):
        assert float(part.standardise.mean) == pytest.approx(pixels.mean(), rel=1e-6)
        assert float(part.standardise.deviation) == pytest.approx(pixels.std(), rel=1e-6)


def test_gray_images_get_an_axis_of_channels_and_colours_keep_theirs(tmp_path: Path) -> None:
    for gray, channels in ((True, 1), (False, 3)):
        prepare(tmp_path / str(gray), gray)
        parts = splits(tmp_path / str(gray))
        assert parts.channels == channels
        assert parts.train.images.shape == (54, 4, 5, channels)
        assert parts.test.images.shape == (9, 4, 5, channels)
        assert parts.train.images.dtype == torch.uint8
        assert next(parts.test.clean()).images.shape == (9, channels, 4, 5)


def test_the_first_so_many_images_are_used(tmp_path: Path) -> None:
    prepare(tmp_path)
    parts = splits(tmp_path, images=50, test_images=4, margin=2)
    assert sorted(places(parts.train.images) + places(parts.validation.images)) == list(range(50))
    assert len(parts.test) == 4
    assert parts.test.labels.tolist() == [0, 1, 2, 0]
    assert parts.train.margin == 2


def test_forgotten_images_come_in_the_order_named_and_all_others_in_theirs(tmp_path: Path) -> None:
    prepare(tmp_path)
    train = splits(tmp_path).train
    forget, retain = splits(tmp_path).forget_and_retain(torch.tensor([50, 3, 7]))
    assert torch.equal(forget.images, train.images[[50, 3, 7]])
    others = [place for place in range(54) if place not in (3, 7, 50)]
    assert torch.equal(retain.images, train.images[others])
    assert torch.equal(retain.labels, train.labels[others])


def test_a_class_too_small_for_validation_is_named(tmp_path: Path) -> None:
    prepare(tmp_path)
    with pytest.raises(BadInputError, match=r"12 image\(s\) of class 2, too few to keep a share of 0.04"):
        splits(tmp_path, validation_share=0.04)
    with pytest.raises(BadInputError, match=r"toy has 0 image\(s\) of class 3, .* Raise 'images' or"):
        splits(tmp_path, classes=4)


def test_labels_beyond_the_classes_are_refused(tmp_path: Path) -> None:
    prepare(tmp_path)
    with pytest.raises(BadInputError, match="The labels of toy go up to 2, but 'classes' is 2"):
        splits(tmp_path, classes=2)


def test_a_missing_array_is_named_beside_those_there_are(tmp_path: Path) -> None:
    prepare(tmp_path, test_images=None)
    with pytest.raises(BadInputError, match=r"no 'test_images'; it has test_labels, train_images, train_"):
        splits(tmp_path)
