"""Omniglot: drawings made smaller beside Pillow, characters turned, and the splits as they were published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from common.data.manifests import read_manifest
from common.data.prepare import write_prepared
from common.strict import BadInputError
from experiments.few_shot.class_images import ClassImages, load_class_images
from experiments.few_shot.omniglot import Omniglot, resampled, turned
from experiments.few_shot.omniglot_partitions import lake_partition, turned_partition, vinyals_partition
from experiments.few_shot.partitions import ClassPartition
from experiments.few_shot.settings import DataSettings, EmbeddingSettings
from tests.experiments.test_time_adaptation.project import REPOSITORY

FACTS = read_manifest("omniglot", REPOSITORY).facts
BACKGROUND: Any = FACTS["background_characters"]
EVALUATION: Any = FACTS["evaluation_characters"]
NAMES = [*BACKGROUND, *EVALUATION]
DRAWINGS = 3
SHAPES = {"background": (8, DRAWINGS, 21, 21), "evaluation": (5, DRAWINGS, 21, 21)}


def drawings(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Bits, one of four of them ink."""
    return np.random.default_rng(seed).random(shape) < 0.25


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirteen characters of four background alphabets and two others."""
    root = tmp_path_factory.mktemp("project")
    names = {
        "background": ["A/1", "A/2", "B/1", "B/2", "B/3", "C/1", "D/1", "D/2"],
        "evaluation": ["E/1", "E/2", "E/3", "F/1", "F/2"],
    }
    arrays = [(f"{split}_images", drawings(shape, len(split))) for split, shape in SHAPES.items()]
    facts: Any = {f"{split}_characters": found for split, found in names.items()}
    write_prepared("omniglot", arrays, root, facts)
    return root


def opened(root: Path, seed: int = 0, **settings: Any) -> ClassImages:
    data = DataSettings.model_validate({"dataset": "omniglot", "side": 8, **settings})
    return load_class_images(data, root, {}, seed, torch.device("cpu"))


@pytest.mark.parametrize("side", [28, 14, 20])
def test_the_area_is_that_of_opencv(side: int) -> None:
    whole = drawings((3, 105, 105))
    found = resampled(whole, side, "area").astype(int)
    for ours, bits in zip(found, whole, strict=True):
        theirs = cv2.resize(bits.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
        assert np.abs(ours - 255 * theirs).max() < 0.51


@pytest.mark.parametrize("side", [28, 14, 20])
def test_the_nearest_pixel_is_what_pillow_makes_of_bits(side: int) -> None:
    """Whichever filter is asked for."""
    whole = drawings((3, 105, 105))
    found = resampled(whole, side, "nearest")
    for ours, bits in zip(found, whole, strict=True):
        picture = Image.fromarray(bits).resize((side, side), Image.Resampling.LANCZOS)
        assert picture.mode == "1"
        assert np.array_equal(ours == 255, np.asarray(picture))


def test_the_area_is_worked_out_by_hand() -> None:
    """Of 3 x 3 pixels, a new one of 2 x 2 covers one and two halves: of 9 quarters, 4, 2, 2 and 1."""
    bits = np.array([[True, False, False], [False, True, False], [False, False, False]])
    assert resampled(bits, 2, "area").tolist() == [[round(255 * 5 / 9), 28], [28, 28]]
    assert resampled(bits, 1, "area").tolist() == [[round(255 * 2 / 9)]]
    assert (resampled(np.ones((105, 105), bool), 28, "area") == 255).all()


@pytest.mark.parametrize("resampling", ["area", "nearest"])
def test_turning_and_making_smaller_may_change_places(resampling: Any) -> None:
    whole = drawings((1, 2, 105, 105))
    first = turned(resampled(whole, 28, resampling))
    for turn in range(4):
        assert np.array_equal(first[:, turn], resampled(np.rot90(whole, turn, (2, 3)), 28, resampling))


def test_pictures_come_in_the_order_asked_for() -> None:
    bits = [drawings((count, 2, 12, 12), count) for count in (40, 30)]
    omniglot = Omniglot([""] * 70, *bits)
    characters = np.random.default_rng(0).permutation(70)[:60]
    found = omniglot.pictures(characters, 12, "nearest") == 255
    assert np.array_equal(found, np.concatenate(bits)[characters])


def test_the_vinyals_split_is_the_published_one() -> None:
    partition = vinyals_partition(NAMES)
    assert [len(part) for part in (partition.base, partition.validation, partition.novel)] == [1028, 172, 423]
    novel = {NAMES[place] for place in partition.novel}
    assert {name for name in novel if name.startswith("Gurmukhi")} == {
        f"Gurmukhi/character{number}" for number in (42, 43, 44, 45)
    }
    assert len(partition.with_validation_in_base().base) == 1200
    with pytest.raises(BadInputError, match=r"names 1 alphabet\(s\) .* among them 'ULOG'"):
        vinyals_partition([name for name in NAMES if not name.startswith("ULOG")])


def test_the_lake_split_keeps_whole_alphabets_apart() -> None:
    alphabets = [name.split("/")[0] for name in NAMES]
    partition = lake_partition(alphabets, len(BACKGROUND), 5, torch.Generator().manual_seed(0))
    assert partition.novel == tuple(range(964, 1623))
    kept = {alphabets[place] for place in partition.validation}
    assert len(kept) == 5
    assert not kept & {alphabets[place] for place in partition.base}
    assert len(partition.base) + len(partition.validation) == 964
    with pytest.raises(BadInputError, match="30 validation alphabets leave none of the 30 background"):
        lake_partition(alphabets, len(BACKGROUND), 30, torch.Generator())


@pytest.mark.parametrize(("rotations", "base", "novel"), [("none", 3, 2), ("base", 12, 2), ("all", 12, 8)])
def test_turned_characters_are_classes(rotations: Any, base: int, novel: int) -> None:
    found = turned_partition(ClassPartition((0, 1, 4), (2,), (3, 5)), rotations)
    assert (len(found.base), len(found.novel)) == (base, novel)
    assert {place // 4 for place in found.novel} == {3, 5}


def test_each_class_has_the_drawings_of_one_turn(root: Path) -> None:
    images = opened(root, split="omniglot_lake", rotations="all", side=21, resampling="nearest")
    assert images.base.images.shape == (8 * 4 * DRAWINGS, 21, 21, 1)
    assert images.judged.labels.bincount().tolist() == [DRAWINGS] * 20
    one = drawings(SHAPES["evaluation"], len("evaluation"))[3]  # the fourth character
    for turn in range(4):
        found = images.judged.images[images.judged.labels == 4 * 3 + turn][..., 0].numpy() == 255
        assert np.array_equal(found, np.rot90(one, turn, (1, 2)))


def test_test_characters_may_stay_upright(root: Path) -> None:
    images = opened(root, split="omniglot_lake", rotations="base", validation=1)
    assert len(images.partition.base) + 4 * len(images.partition.validation) == 32
    assert len(images.partition.novel) == 5
    assert images.held_out is None


def test_characters_are_drawn_by_the_seed(root: Path) -> None:
    one, again, other = (opened(root, seed, base=6, validation=2, novel=4) for seed in (0, 0, 1))
    assert one.partition == again.partition != other.partition
    chosen = opened(root, base=6, validation=2, novel=4, judged="validation")
    assert chosen.partition == one.partition
    assert len(chosen.judged) == 2 * DRAWINGS
    assert torch.equal(one.base.images, chosen.base.images)


def test_more_characters_than_there_are_is_said(root: Path) -> None:
    with pytest.raises(BadInputError, match="12 base, 0 validation and 5 novel classes are more than the 13"):
        opened(root, base=12, novel=5)


def test_without_the_drawings_the_command_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"Type: .*omniglot"):
        opened(tmp_path, split="omniglot_lake")


def test_names_that_the_manifest_lacks_are_said(tmp_path: Path) -> None:
    arrays = [(f"{split}_images", drawings(shape)) for split, shape in SHAPES.items()]
    write_prepared("omniglot", arrays, tmp_path, {"background_characters": ["A/1"]})
    with pytest.raises(BadInputError, match="doesn't name each of its background characters"):
        opened(tmp_path, split="omniglot_lake")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"split": "omniglot_vinyals", "margin": 2}, "a mirrored character is another one"),
        ({"dataset": "cifar10", "split": "omniglot_lake"}, "is not of the data set cifar10"),
        ({"split": "cifar_fs"}, "the split cifar_fs is not of the data set omniglot"),
        (
            {"dataset": "mnist", "base": 5, "novel": 5, "rotations": "all"},
            "'rotations' is a setting of omniglot",
        ),
        ({"split": "omniglot_vinyals", "validation": 3}, "has its own classes"),
        (
            {"base": 5, "novel": 5, "train_on_validation": True},
            "is for the test classes",
        ),
        ({"split": "omniglot_vinyals", "side": 4}, "greater than or equal to 8"),
        ({"split": "omniglot_vynials"}, "Input should be"),
    ],
)
def test_settings_that_do_not_fit_omniglot_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        DataSettings.model_validate({"dataset": "omniglot", **settings})


def test_copies_without_a_margin_are_refused() -> None:
    data = {"dataset": "omniglot", "split": "omniglot_vinyals"}
    with pytest.raises(ValueError, match="all 'copies' are the image itself"):
        EmbeddingSettings.model_validate({"data": data, "backbone": "convnet4_64", "copies": 5})
