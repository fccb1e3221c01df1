"""Splits of images into known and novel classes, folders of images, and their views."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from common.data.arrays import load
from common.strict import BadInputError, validate
from experiments.novel_class_discovery.image_folders import read_class_folders
from experiments.novel_class_discovery.image_settings import ImageSettings
from experiments.novel_class_discovery.image_splits import ImageSplit, chosen_classes, load_image_split
from experiments.novel_class_discovery.view_batches import TwoViews, ViewBatch, two_views
from tests.experiments.test_novel_class_discovery.discovery_project import DATA, image_set, make_root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_root(tmp_path_factory.mktemp("project"))


def split_of(root: Path, seed: int = 0, **changes: Any) -> ImageSplit:
    settings = ImageSettings.model_validate({**DATA, **changes})
    return load_image_split(settings, root, {}, seed, torch.device("cpu"))


def test_known_and_novel_classes_are_disjoint_and_renumbered(root: Path) -> None:
    split = split_of(root, images=3, test_images=2)
    assert sorted(split.classes) == list(range(10))
    assert (split.known, split.novel, split.channels) == (5, 5, 3)
    assert split.labelled.labels.tolist() == sorted([0, 1, 2, 3, 4] * 3)
    assert split.unlabelled.labels.tolist() == sorted([5, 6, 7, 8, 9] * 3)
    assert split.test.labels.tolist() == sorted(list(range(10)) * 2)
    arrays = load("cifar10", root)
    for place, label in enumerate(split.classes[:5]):
        original = arrays["train_images"][arrays["train_labels"] == label][:3]
        assert np.array_equal(split.labelled.images[3 * place : 3 * place + 3].numpy(), original)


def test_the_seed_draws_the_classes_unless_they_are_the_first() -> None:
    labels = np.arange(10)
    random = {chosen_classes(labels, ImageSettings(**DATA), seed) for seed in range(5)}
    assert len(random) == 5
    first = ImageSettings(**{**DATA, "split": "first", "known": 7, "novel": 2})
    assert chosen_classes(labels, first, 3) == ((0, 1, 2, 3, 4, 5, 6), (7, 8))


def test_images_to_choose_on_are_those_of_no_verdict(root: Path) -> None:
    judged = split_of(root, images=2, test_images=2)
    chosen = split_of(root, images=2, test_images=2, choosing=True)
    seen = torch.cat([judged.labelled.images, judged.unlabelled.images, judged.test.images])
    tuned = [chosen.labelled.images, chosen.unlabelled.images, chosen.test.images]
    for images in tuned:
        assert not (images[:, None] == seen[None]).flatten(2).all(dim=2).any()
    trained = torch.cat(tuned[:2])
    assert not (chosen.test.images[:, None] == trained[None]).flatten(2).all(dim=2).any()


def test_too_few_images_to_choose_on_are_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"takes 9 of each class, and class \d has 8"):
        split_of(root, images=4, test_images=1, choosing=True)
    with pytest.raises(BadInputError, match="'images' and 'test_images' must be numbers"):
        validate(ImageSettings, {**DATA, "choosing": True}, "here")


@pytest.mark.parametrize("name", ["known", "novel"])
def test_no_classes_are_refused(name: str) -> None:
    with pytest.raises(BadInputError, match="needs numbers of 'known' and 'novel' classes above 0"):
        validate(ImageSettings, {**DATA, name: 0}, "here")
    with pytest.raises(BadInputError, match="a given split needs 'given_known' and 'given_novel'"):
        validate(ImageSettings, {"dataset": "cifar10", "split": "given", f"given_{name}": [0]}, "here")


def test_given_classes_are_taken_and_none_may_be_known_and_novel(root: Path) -> None:
    given: dict[str, Any] = {"known": 0, "novel": 0, "split": "given", "given_known": [7, 2]}
    split = split_of(root, **given, given_novel=[9, 0, 4])
    assert (split.classes, split.known) == ((2, 7, 0, 4, 9), 2)
    with pytest.raises(BadInputError, match="Class 7 is named as known and as novel"):
        split_of(root, **given, given_novel=[9, 7])
    with pytest.raises(BadInputError, match="No row is of class 12"):
        split_of(root, **given, given_novel=[12])


def test_more_classes_than_there_are_are_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match="5 known and 6 novel classes are more than the 10 of cifar10"):
        split_of(root, novel=6)


def test_a_missing_data_set_is_met_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cifar10"):
        split_of(tmp_path)


def test_folders_are_read_by_the_names_of_their_classes(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for shade, name in ((10, "bear"), (200, "ant")):
            (tmp_path / part / name).mkdir(parents=True)
            Image.fromarray(np.full((4, 4, 3), shade, np.uint8)).save(tmp_path / part / name / "0.png")
    images, labels = read_class_folders(tmp_path, "train")
    assert (images[:, 0, 0, 0].tolist(), labels.tolist()) == ([200, 10], [0, 1])
    settings = ImageSettings(dataset="cifar100", split="first", known=1, novel=1)
    split = load_image_split(settings, tmp_path, {"cifar100": tmp_path}, 0, torch.device("cpu"))
    assert split.unlabelled.images[0, 0, 0, 0] == 10
    Image.fromarray(np.zeros((5, 5, 3), np.uint8)).save(tmp_path / "train" / "ant" / "1.png")
    with pytest.raises(BadInputError, match="differ in size"):
        read_class_folders(tmp_path, "train")
    with pytest.raises(BadInputError, match="give the folder that has train/ and test/ in it"):
        read_class_folders(tmp_path / "train", "train")


def batches(views: TwoViews, seed: int = 0, size: int = 16) -> list[ViewBatch]:
    found = list(views.shuffled(size, torch.Generator().manual_seed(seed)))
    assert all(isinstance(batch, ViewBatch) for batch in found)
    return [batch for batch in found if isinstance(batch, ViewBatch)]


def test_two_views_of_an_image_differ_and_repeat_with_the_seed() -> None:
    views = two_views(image_set(), jitter=0.3, small_crops=0, small_side=0)
    (batch, *_), (again, *_), (other, *_) = batches(views), batches(views), batches(views, seed=1)
    first, second = batch.images.split(16)
    assert not torch.equal(first, second)
    assert torch.equal(batch.images, again.images)
    assert not torch.equal(batch.images, other.images)
    assert batch.small is None


def test_without_augmentation_views_are_the_images() -> None:
    images = image_set()
    plain = two_views(images.with_labels(images.labels), 0.0, 0, 0)
    views = TwoViews(plain.images, plain.labels, plain.standardise, margin=0)
    (batch, *_) = batches(views)
    clean = images.standardise(images.images[batch.places])
    assert torch.equal(batch.images, torch.cat([clean, clean]))
    assert torch.equal(batch.labels, images.labels[batch.places])


def test_small_crops_are_windows_of_both_views() -> None:
    images = image_set()
    batch, *_ = batches(two_views(images, jitter=0.0, small_crops=3, small_side=5))
    assert batch.small is not None
    assert batch.small.shape == (48, 3, 5, 5)
    whole, *_ = batches(two_views(images, jitter=0.0, small_crops=2, small_side=12))
    assert whole.small is not None
    mirrored = whole.images.flip(3)
    same = (whole.small == whole.images).flatten(1).all(dim=1)
    assert (same | (whole.small == mirrored).flatten(1).all(dim=1)).all()


@pytest.mark.parametrize("side", [0, 13])
def test_small_crops_that_do_not_fit_are_refused(side: int) -> None:
    with pytest.raises(BadInputError, match=f"Small crops of {side} pixels can't be cut from images of 12"):
        batches(two_views(image_set(), jitter=0.0, small_crops=1, small_side=side))
