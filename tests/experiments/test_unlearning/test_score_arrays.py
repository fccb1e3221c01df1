"""Score files: read back by the data that they are of, refused for any other."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.unlearning import forget_sets
from experiments.unlearning.score_arrays import (
    MANIFEST,
    Key,
    ScoreFile,
    data_hash,
    ranking_for_forgetting,
    save_scores,
)

EL2N = Key(score="el2n", epoch=2, networks=10)
SINGLE = Key(score="el2n", epoch=2, networks=1)
VALUES = np.array([0.3, 0.1, 0.9, 0.2])


def images(labels: list[int]) -> ImageSet:
    pixels = torch.arange(len(labels) * 4, dtype=torch.uint8).reshape(-1, 2, 2, 1)
    return ImageSet(pixels, torch.tensor(labels), Standardise.of(pixels))


TRAIN = images([0, 1, 0, 1])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "scores.npz"
    scores = {EL2N: VALUES, SINGLE: VALUES[::-1].copy()}
    save_scores(file, "fashion_mnist", data_hash(TRAIN), 0.0, scores)
    return file


def test_scores_come_back_and_the_mean_over_most_networks_is_the_default(path: Path) -> None:
    scores = ScoreFile(path, data_hash(TRAIN), 4)
    assert np.array_equal(scores.values("el2n", 2), VALUES)
    assert np.array_equal(scores.values("el2n", 2, networks=1), VALUES[::-1])


def test_equal_scores_make_equal_bytes_and_a_manifest_that_any_unzip_shows(path: Path) -> None:
    before = path.read_bytes()
    save_scores(path, "fashion_mnist", data_hash(TRAIN), 0.0, {EL2N: VALUES, SINGLE: VALUES[::-1].copy()})
    assert path.read_bytes() == before
    shown = subprocess.run(
        ["python3", "-m", "zipfile", "-l", str(path)], capture_output=True, text=True, check=True
    )
    assert MANIFEST in shown.stdout


def test_the_track_ranks_its_training_images_by_them(path: Path) -> None:
    ranking = ranking_for_forgetting(path, TRAIN, "el2n", 2)
    assert forget_sets.lowest(ranking, 2).tolist() == [1, 3]
    assert forget_sets.highest(ranking, 1).tolist() == [2]


def test_scores_of_other_data_are_refused(path: Path) -> None:
    with pytest.raises(BadInputError, match=r"scores of fashion_mnist that are not of these training images"):
        ranking_for_forgetting(path, images([1, 1, 0, 1]), "el2n", 2)


def test_scores_of_another_length_are_refused(path: Path) -> None:
    with pytest.raises(BadInputError, match="scores of 4 examples, and there are 3 training images"):
        ranking_for_forgetting(path, images([0, 1, 0]), "el2n", 2)


def test_an_order_of_the_images_is_part_of_their_hash() -> None:
    assert data_hash(TRAIN) != data_hash(TRAIN.subset(torch.tensor([1, 0, 2, 3])))


def test_a_score_that_is_not_there_is_suggested(path: Path) -> None:
    with pytest.raises(BadInputError, match=r"has no such score\. Did you mean 'el2n epoch 2 networks 1"):
        ScoreFile(path, data_hash(TRAIN), 4).values("el2n", 3)


def test_scores_that_are_no_numbers_are_neither_written_nor_read(path: Path) -> None:
    with pytest.raises(BadInputError, match=r"1 of the 2 scores .* are not finite numbers"):
        save_scores(path, "fashion_mnist", "", 0.0, {EL2N: np.array([np.nan, 1.0])})


def test_arrays_that_differ_from_their_manifest_are_refused(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        content = json.loads(archive.read(MANIFEST))
    content["arrays"]["el2n epoch 2 networks 10"]["hash"] = "0" * 64
    arrays = {"el2n epoch 2 networks 10": VALUES}
    np.savez(path, allow_pickle=False, **arrays)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MANIFEST, json.dumps(content))
    with pytest.raises(BadInputError, match="is not what its manifest says"):
        ScoreFile(path, data_hash(TRAIN), 4).values("el2n", 2, networks=10)


def test_a_file_without_a_manifest_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "scores.npz"
    np.savez(file, values=VALUES)
    with pytest.raises(BadInputError, match="can't be read as scores with a manifest"):
        ScoreFile(file, "", 4)
