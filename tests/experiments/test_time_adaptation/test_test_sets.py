from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from common.data.decoders.cifar10_c import _by_severity
from common.data.prepare import write_prepared
from common.strict import BadInputError
from experiments.test_time_adaptation.test_sets import TestSet, folder_test_set, prepared_test_set
from tests.experiments.test_time_adaptation.project import coloured_images, labels

CPU = torch.device("cpu")
ALL = slice(None)


def test_prepared_arrays_are_cut_to_the_range(tmp_path: Path) -> None:
    images = coloured_images(8, 0, side=4)
    write_prepared("toy_corrupted", [("fog_3", images), ("labels", labels(8))], tmp_path, {})
    found = prepared_test_set("toy_corrupted", tmp_path, "fog", 3, slice(2, 5), 10, CPU)
    assert found.images[ALL].tolist() == images[2:5].tolist()
    assert found.images[ALL].dtype == torch.uint8
    assert found.labels.tolist() == [2, 3, 4]


def test_a_corruption_that_was_not_made_is_named(tmp_path: Path) -> None:
    write_prepared("toy_corrupted", [("fog_3", coloured_images(2, 0)), ("labels", labels(2))], tmp_path, {})
    with pytest.raises(BadInputError, match="toy_corrupted has no 'fog_4'; the corruption stage makes"):
        prepared_test_set("toy_corrupted", tmp_path, "fog", 4, ALL, 10, CPU)


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A folder as `python -m common.data cifar10_c` makes it of the release: five severities in a row."""
    images, repeated = coloured_images(30, 0, side=4), np.tile(labels(6), 5).astype(np.uint8)
    for name, array in (("fog", images), ("labels", repeated)):
        for part, values in _by_severity(name, array):
            np.save(tmp_path / f"{part}.npy", values)
    return tmp_path


def test_released_arrays_are_read_by_severity(released: Path) -> None:
    images = coloured_images(30, 0, side=4)
    for severity in (1, 5):
        found = folder_test_set(released, "fog", severity, ALL, 6, CPU)
        assert found.images[ALL].tolist() == images[6 * (severity - 1) : 6 * severity].tolist()
        assert found.labels.tolist() == list(range(6))
    assert folder_test_set(released, "fog", 2, slice(1, 3), 6, CPU).labels.tolist() == [1, 2]


def test_released_arrays_that_do_not_fit_are_refused(released: Path) -> None:
    with pytest.raises(BadInputError, match=r"labels of 6 classes, but the network has 100: the folder"):
        folder_test_set(released, "fog", 1, ALL, 100, CPU)
    np.save(released / "fog_2.npy", np.zeros((6, 4, 4, 3)))
    with pytest.raises(BadInputError, match=r"fog_2.npy holds float64 \[6, 4, 4, 3\], not bytes"):
        folder_test_set(released, "fog", 2, ALL, 6, CPU)
    np.save(released / "fog_3.npy", coloured_images(5, 0, side=4))
    with pytest.raises(BadInputError, match=r"holds uint8 \[5, 4, 4, 3\], not bytes \[6, h, w, 3\]"):
        folder_test_set(released, "fog", 3, ALL, 6, CPU)
    (released / "labels.npy").unlink()
    with pytest.raises(BadInputError, match=r"labels.npy does not exist"):
        folder_test_set(released, "fog", 1, ALL, 6, CPU)


CLASSES = {"n03": (30, 2), "n01": (90, 3), "n02": (200, 1)}  # class -> grey level, files; made in this order


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, (level, files) in CLASSES.items():
        place = tmp_path / "snow" / "4" / name
        place.mkdir(parents=True)
        for index in range(files):
            Image.new("L" if index == 1 else "RGB", (8, 6), (level,) * (1 if index == 1 else 3)).save(
                place / f"{index}.JPEG", format="jpeg"
            )
    return tmp_path


def read_tree(folder: Path, chosen: slice = ALL, classes: int = 3) -> TestSet:
    return folder_test_set(folder, "snow", 4, chosen, classes, CPU)


def test_a_tree_numbers_its_classes_in_sorted_order(tree: Path) -> None:
    found = read_tree(tree)
    assert found.images.shape == (6, 6, 8, 3)
    assert found.labels.tolist() == [0, 0, 0, 1, 2, 2]
    levels = torch.tensor([90, 90, 90, 200, 30, 30])
    assert ((found.images[:].float().mean((1, 2, 3)) - levels).abs() < 2).all()
    cut = read_tree(tree, slice(2, 5))
    assert cut.labels.tolist() == [0, 1, 2]
    assert torch.equal(cut.images[:], found.images[2:5])


def test_a_tree_without_some_classes_would_number_them_wrongly_and_is_refused(tree: Path) -> None:
    shutil.rmtree(tree / "snow" / "4" / "n01")
    with pytest.raises(BadInputError, match=r"snow/4 has 2 classes, but the network has 3\."):
        read_tree(tree)


def test_pictures_of_two_sizes_are_refused(tree: Path) -> None:
    Image.new("RGB", (8, 8)).save(tree / "snow" / "4" / "n02" / "9.JPEG", format="jpeg")
    with pytest.raises(BadInputError, match=r"differ in size: \[\(6, 8\), \(8, 8\)\]; scale"):
        read_tree(tree).images[:]


def test_a_missing_corruption_names_both_places(tmp_path: Path) -> None:
    with pytest.raises(
        BadInputError, match=r"frost/2 holds no \*/\*\.JPEG files, and there is no .*frost_2\.npy"
    ):
        folder_test_set(tmp_path, "frost", 2, ALL, 10, CPU)
