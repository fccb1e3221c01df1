"""Images that the user names a folder for, and prepared ones: tiny files in the formats of the real ones."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from common.data.prepare import write_prepared
from common.strict import BadInputError
from experiments.few_shot.class_images import ClassImages, load_class_images
from experiments.few_shot.fc100 import FC100_NOVEL, FC100_VALIDATION, fc100_partition
from experiments.few_shot.mini_imagenet import TABLES, read_mini_imagenet
from experiments.few_shot.mini_imagenet_classes import RAVI_NOVEL, RAVI_VALIDATION, ravi_partition
from experiments.few_shot.settings import DataSettings

MINI = {"dataset": "mini_imagenet", "split": "mini_imagenet_ravi", "margin": 8}
IMAGES = 2
COLUMNS = ("filename", "label")


def opened(folder: Path, **settings: Any) -> ClassImages:
    data = DataSettings.model_validate(settings)
    return load_class_images(data, folder, {data.dataset: folder}, 0, torch.device("cpu"))


def picture(number: int, side: int = 8) -> Image.Image:
    """Of one grey, which JPEG keeps."""
    return Image.fromarray(np.full((side, side, 3), number % 256, np.uint8))


def write_table(path: Path, rows: Sequence[tuple[str, str]], columns: Sequence[str] = COLUMNS) -> None:
    with path.open("w", newline="") as lines:
        csv.writer(lines).writerows([columns, *rows])


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """The three tables and images of all hundred classes."""
    (tmp_path / "images").mkdir()
    classes = {
        "train.csv": [f"n0000{place:04d}" for place in range(64)],
        "val.csv": sorted(RAVI_VALIDATION),
        "test.csv": sorted(RAVI_NOVEL),
    }
    count = 0
    for table, names in classes.items():
        rows = [(f"{name}{number:08d}.jpg", name) for name in names for number in range(IMAGES)]
        for filename, _ in rows:
            picture(count).save(tmp_path / "images" / filename)
            count += 1
        write_table(tmp_path / table, rows)
    return tmp_path


def test_fc100_has_12_4_and_4_super_classes() -> None:
    kept = [name for part in (FC100_VALIDATION, FC100_NOVEL) for names in part.values() for name in names]
    assert len(set(kept)) == len(kept) == 40
    names = sorted([*kept, *(f"base_{place}" for place in range(60))])
    partition = fc100_partition(names)
    assert [len(part) for part in (partition.base, partition.validation, partition.novel)] == [60, 20, 20]
    assert {names[place] for place in partition.novel} >= {"whale", "cockroach", "skunk", "baby"}
    assert len(partition.with_validation_in_base().base) == 80
    with pytest.raises(BadInputError, match=r"split of FC100 names 1 class\(es\) .* among them 'skunk'"):
        fc100_partition([name for name in names if name != "skunk"])


def test_fc100_is_read_from_class_folders(tmp_path: Path) -> None:
    kept = [name for part in (FC100_VALIDATION, FC100_NOVEL) for names in part.values() for name in names]
    for name in [*kept, "apple"]:
        (tmp_path / "data" / name).mkdir(parents=True)
        picture(len(name)).save(tmp_path / "data" / name / "0.png")
    images = opened(tmp_path, dataset="fc100", split="fc100", margin=4)
    assert (len(images.partition.base), len(images.base), len(images.judged)) == (1, 1, 20)
    more = opened(tmp_path, dataset="fc100", split="fc100", train_on_validation=True)
    assert (len(more.partition.base), len(more.partition.validation), len(more.judged)) == (21, 0, 20)


def test_mini_imagenet_has_64_16_and_20_classes(mini: Path) -> None:
    images = opened(mini, **MINI)
    partition = images.partition
    assert [len(part) for part in (partition.base, partition.validation, partition.novel)] == [64, 16, 20]
    assert images.judged.images.shape == (20 * IMAGES, 8, 8, 3)
    assert images.judged.images[:, 0, 0, 0].tolist() == list(range(80 * IMAGES, 100 * IMAGES))
    assert images.judged.labels.tolist() == [place for place in range(20) for _ in range(IMAGES)]
    chosen = opened(mini, **MINI, judged="validation")
    assert chosen.judged.images[:, 0, 0, 0].tolist() == list(range(64 * IMAGES, 80 * IMAGES))


def test_another_split_of_mini_imagenet_is_refused(mini: Path) -> None:
    _, _, names = read_mini_imagenet(mini)
    with pytest.raises(BadInputError, match=r"names 1 class.* 'n07613480'; give the csv files"):
        ravi_partition([name for name in names if name != "n07613480"])


def test_a_missing_table_is_said(mini: Path) -> None:
    (mini / "val.csv").unlink()
    with pytest.raises(BadInputError, match=r"has no val\.csv; give a folder with train\.csv, val"):
        read_mini_imagenet(mini)


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "mini-imagenet-cache-train.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(BadInputError, match=r"holds pickles \(mini-imagenet-cache-train\.pkl\), .* not read"):
        read_mini_imagenet(tmp_path)


@pytest.mark.parametrize(
    ("rows", "columns", "sentence"),
    [
        ([("a.jpg", "n1")], ("file", "label"), "has no columns 'filename' and 'label'"),
        ([("../a.jpg", "n1")], COLUMNS, r"names '\.\./a\.jpg', which is no file in images/"),
        ([("none.jpg", "n1")], COLUMNS, r"none\.jpg does not exist"),
        ([], COLUMNS, "There are no images to read"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, rows: Any, columns: Any, sentence: str) -> None:
    for table in TABLES:
        write_table(tmp_path / table, rows, columns)
    with pytest.raises(BadInputError, match=sentence):
        read_mini_imagenet(tmp_path)


def test_images_of_two_sizes_are_refused(mini: Path) -> None:
    picture(0, side=9).save(mini / "images" / "n0000000000000001.jpg")
    with pytest.raises(BadInputError, match=r"differ in size: \[\(8, 8\), \(9, 9\)\]; scale them to one"):
        read_mini_imagenet(mini)


def test_a_damaged_image_is_said(mini: Path) -> None:
    (mini / "images" / "n0000000000000001.jpg").write_bytes(b"no image")
    with pytest.raises(BadInputError, match=r"00000001\.jpg can't be read as PNG or JPEG"):
        read_mini_imagenet(mini)


def test_a_folder_that_is_not_named_is_asked_for(tmp_path: Path) -> None:
    settings = DataSettings.model_validate(MINI)
    with pytest.raises(BadInputError, match="--folder mini_imagenet=<path>"):
        load_class_images(settings, tmp_path, {}, 0, torch.device("cpu"))


def test_grey_images_such_as_fashion_mnist_s_have_one_channel(tmp_path: Path) -> None:
    labels = np.arange(60, dtype=np.int64) % 10
    arrays: list[tuple[str, np.ndarray]] = []
    for split in ("train", "test"):
        pictures = np.broadcast_to(labels.astype(np.uint8)[:, None, None], (60, 28, 28)).copy()
        arrays += [(f"{split}_images", pictures), (f"{split}_labels", labels)]
    write_prepared("fashion_mnist", arrays, tmp_path, {})
    images = opened(tmp_path, dataset="fashion_mnist", base=5, novel=5, images=3, test_images=2)
    assert images.channels == 1
    assert images.base.images.shape == (15, 28, 28, 1)
    assert images.judged.images[:, 0, 0, 0].tolist() == [n for n in images.partition.novel for _ in range(2)]
    assert images.held_out is not None
    assert len(images.held_out) == 10
