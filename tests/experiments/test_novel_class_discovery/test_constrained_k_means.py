"""k-means that knows some classes: against a loop, at its limits, and with too little to cluster."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.strict import BadInputError
from experiments.novel_class_discovery import constrained_k_means
from experiments.novel_class_discovery.centroid_seeding import draw_centroids, squared_distances
from experiments.novel_class_discovery.constrained_k_means import (
    Labelled,
    ncd_k_means,
    nearest_centroid,
    semi_supervised_k_means,
)
from experiments.novel_class_discovery.one_by_one import ncd_k_means_one_by_one

NOTHING = np.empty((0, 2))


def blobs(centres: list[tuple[float, float]], each: int = 20, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 0.1, (len(centres) * each, 2))
    return np.repeat(np.array(centres), each, axis=0) + noise


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.integers(1, 5), st.integers(5, 40))
def test_all_at_once_is_one_after_another(seed: int, clusters: int, count: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(count, 3))
    starts = draw_centroids(rows, rows[:2], clusters, np.random.default_rng(seed), 4, "squared")
    centroids, inertia = ncd_k_means_one_by_one(rows, starts)
    found = ncd_k_means(rows, rows[:2], clusters, np.random.default_rng(seed), 4)
    assert found.inertia == pytest.approx(inertia)
    # Two initialisations may end alike with the clusters in another order.
    ours, theirs = (np.sort(each, axis=0) for each in (found.centroids, centroids))
    assert ours == pytest.approx(theirs)


def test_in_parts_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 2))
    whole = ncd_k_means(rows, NOTHING, 3, np.random.default_rng(1))
    monkeypatch.setattr(constrained_k_means, "MOST_ELEMENTS", 300)
    parts = ncd_k_means(rows, NOTHING, 3, np.random.default_rng(1))
    assert np.array_equal(whole.assigned, parts.assigned)


def test_groups_apart_are_found() -> None:
    rows = blobs([(0, 0), (5, 0), (0, 5)])
    found = ncd_k_means(rows, NOTHING, 3, np.random.default_rng(0))
    assert len({tuple(set(part.tolist())) for part in found.assigned.reshape(3, -1)}) == 3
    assert nearest_centroid(rows[:1], found.centroids)[0] == found.assigned[0]


@pytest.mark.parametrize("power", ["squared", "plain"])
def test_new_centroids_are_drawn_away_from_known_ones(power: str) -> None:
    rows = np.concatenate([np.zeros((99, 2)), np.full((1, 2), 9.0)])
    drawn = draw_centroids(rows, np.zeros((1, 2)), 1, np.random.default_rng(0), 50, power)  # type: ignore[arg-type]
    assert (drawn == 9).all()


def test_chances_are_squared_as_published_and_plain_as_released() -> None:
    """From a known centroid at 0, rows at 1 and 3 are drawn 1 to 9, or 1 to 3."""
    rows = np.array([[1.0], [3.0]])
    for power, share in (("squared", 0.9), ("plain", 0.75)):
        drawn = draw_centroids(rows, np.zeros((1, 1)), 1, np.random.default_rng(0), 4000, power)  # type: ignore[arg-type]
        assert (drawn == 3).mean() == pytest.approx(share, abs=0.03)


def test_equal_rows_leave_clusters_empty() -> None:
    found = ncd_k_means(np.ones((4, 2)), NOTHING, 3, np.random.default_rng(0))
    assert found.inertia == 0
    assert np.isfinite(found.centroids).all()
    assert set(found.assigned.tolist()) == {0}


def test_labelled_rows_stay_in_their_class() -> None:
    labelled = Labelled(blobs([(0, 0), (0.2, 0)], each=5), np.repeat([0, 1], 5))
    rows = blobs([(0, 0), (0.2, 0), (9, 9)])
    found = semi_supervised_k_means(labelled, rows, 3, np.random.default_rng(0), initialisations=5)
    assert found.assigned[-1] == 2
    everything = np.concatenate([labelled.rows, rows])
    members = np.concatenate([labelled.labels, found.assigned])
    for cluster, centroid in enumerate(found.centroids):
        assert centroid == pytest.approx(everything[members == cluster].mean(axis=0), abs=0.02)


def test_with_the_known_classes_alone_it_is_nearest_means() -> None:
    labelled = Labelled(np.array([[0.0, 0], [4, 0]]), np.array([0, 1]))
    found = semi_supervised_k_means(labelled, np.array([[0.1, 0], [3.9, 0]]), 2, np.random.default_rng(0))
    assert found.assigned.tolist() == [0, 1]


def test_distances_are_never_negative() -> None:
    point = np.full((1, 3), 1e8)
    assert squared_distances(point, point)[0, 0] == 0


def test_too_many_clusters_are_a_sentence() -> None:
    with pytest.raises(
        BadInputError, match="5 clusters can't be found among 4 unlabelled rows; ask for at most 4"
    ):
        ncd_k_means(np.zeros((4, 2)), NOTHING, 5, np.random.default_rng(0))
    with pytest.raises(BadInputError, match="0 clusters can't be found"):
        ncd_k_means(np.zeros((4, 2)), NOTHING, 0, np.random.default_rng(0))
    labelled = Labelled(np.zeros((2, 2)), np.array([0, 1]))
    with pytest.raises(BadInputError, match="1 clusters can't hold 2 known classes"):
        semi_supervised_k_means(labelled, np.zeros((4, 2)), 1, np.random.default_rng(0))


def test_rows_that_are_no_numbers_are_a_sentence() -> None:
    with pytest.raises(BadInputError, match="1 of 2 unlabelled rows hold NaN or infinity"):
        ncd_k_means(np.array([[0.0, 1], [np.nan, 1]]), NOTHING, 1, np.random.default_rng(0))
    with pytest.raises(BadInputError, match="There are no unlabelled rows"):
        ncd_k_means(NOTHING, NOTHING, 1, np.random.default_rng(0))
    with pytest.raises(BadInputError, match="No labelled row is of class 1"):
        Labelled(np.zeros((2, 2)), np.array([0, 2])).means()
