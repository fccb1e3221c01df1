"""The map of novel classes: which images it has, that it repeats, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.records.pictures import encode
from common.runs.job import Result
from common.strict import BadInputError
from experiments.few_shot.rfs_good_embedding import embedding_map
from tests.experiments.test_few_shot.project import job
from tests.experiments.test_few_shot.test_regularised_evaluation import made_up


def mapped(folder: Path, noise: float = 0.2, name: str = "embedding", **settings: Any) -> Result:
    path = folder / "embedding.pt"
    made_up(3, 0, noise).save(path)
    checked = embedding_map.Settings.model_validate({"images": 8, "perplexity": 5, **settings})
    (result,) = embedding_map.run(job(folder, checked, [{"embedding": name}], inputs={"embedding": path}))
    return result


def test_a_map_has_a_place_and_a_label_for_each_image(tmp_path: Path) -> None:
    pictures = mapped(tmp_path).pictures or {}
    assert pictures["places"].shape == (24, 1, 2)
    assert (pictures["places"].min(), pictures["places"].max()) == (0, 255)
    assert pictures["labels"].ravel().tolist() == [0] * 8 + [1] * 8 + [2] * 8
    assert encode(pictures, "record").keys() == {"places", "labels"}


def test_a_map_repeats(tmp_path: Path) -> None:
    first, again = (mapped(tmp_path).pictures or {} for _ in range(2))
    assert np.array_equal(first["places"], again["places"])


def test_tight_classes_have_a_silhouette_near_one(tmp_path: Path) -> None:
    tight, loose = (mapped(tmp_path, noise).metrics["silhouette"] for noise in (0.01, 3.0))
    assert tight > 0.9 > 0.2 > loose


def test_the_silhouette_worked_out_by_hand() -> None:
    """Two pairs on a line: a = 1, b = 4.5 or 3.5 for the outer and inner points."""
    features, labels = np.array([[0.0], [1.0], [4.0], [5.0]]), np.array([0, 0, 1, 1])
    expected = (3.5 / 4.5 + 2.5 / 3.5) / 2
    assert embedding_map.silhouette(features, labels) == pytest.approx(expected)


def test_equal_scales_keep_the_shape_of_the_map() -> None:
    places = np.array([[0.0, 0.0], [10.0, 5.0]])
    pictures = embedding_map.as_pictures(places, np.array([0, 1]))
    assert pictures["places"][:, 0].tolist() == [[0, 0], [255, 128]]


def test_what_cannot_be_mapped_is_met_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="perplexity of 24 needs more than the 24 images"):
        mapped(tmp_path, perplexity=24)
    with pytest.raises(BadInputError, match=r"no embedding 'embeding'.*Did you mean 'embedding'"):
        mapped(tmp_path, name="embeding")
