"""Matching clusters with classes: against all permutations, with ties, with too many or too few clusters."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from common.strict import BadInputError
from experiments.novel_class_discovery.accuracy import (
    agreement,
    class_count_error,
    clustering_accuracy,
    separately_matched_accuracy,
)
from experiments.novel_class_discovery.matching import contingency, match
from experiments.novel_class_discovery.one_by_one import counts_one_by_one

LABELLED = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=25)


def arrays(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    clusters, truth = np.array(pairs, dtype=np.int64).T
    return clusters, truth


@given(LABELLED)
def test_it_is_the_best_of_all_permutations(pairs: list[tuple[int, int]]) -> None:
    clusters, truth = arrays(pairs)
    best = max(np.mean(np.array(order)[clusters] == truth) for order in permutations(range(4)))
    assert clustering_accuracy(clusters, truth)["accuracy"] == pytest.approx(100 * best)


@given(LABELLED, st.permutations(range(4)))
def test_how_clusters_are_numbered_changes_nothing(pairs: list[tuple[int, int]], order: list[int]) -> None:
    clusters, truth = arrays(pairs)
    known = np.array([0, 1])
    renamed = np.array(order)[clusters]
    first, second = clustering_accuracy(clusters, truth, known), clustering_accuracy(renamed, truth, known)
    for name in first.keys() - {"balanced_accuracy"}:
        assert first[name] == pytest.approx(second[name])


@given(LABELLED)
def test_matched_separately_is_never_less(pairs: list[tuple[int, int]]) -> None:
    clusters, truth = arrays(pairs)
    known = np.array([0, 1])
    together, apart = (
        clustering_accuracy(clusters, truth, known),
        separately_matched_accuracy(clusters, truth, known),
    )
    for part in ("known", "novel"):
        if f"{part}_accuracy" in together:
            assert apart[f"separately_matched_{part}_accuracy"] >= together[f"{part}_accuracy"] - 1e-9
    assert not set(together) & set(apart)


@given(LABELLED)
def test_counts_are_those_of_a_loop(pairs: list[tuple[int, int]]) -> None:
    clusters, truth = arrays(pairs)
    counts, found, classes = contingency(clusters, truth)
    assert np.array_equal(counts, counts_one_by_one(clusters, truth)[np.ix_(found, classes)])


def test_a_hand_made_case() -> None:
    truth = np.array([0, 0, 0, 1, 1, 1, 2, 2])
    clusters = np.array([5, 5, 9, 9, 9, 9, 7, 5])  # 5 -> 0, 9 -> 1, 7 -> 2
    found = clustering_accuracy(clusters, truth, known=np.array([0]))
    assert found["accuracy"] == pytest.approx(75)
    assert found["known_accuracy"] == pytest.approx(100 * 2 / 3)
    assert found["novel_accuracy"] == pytest.approx(80)
    assert found["balanced_accuracy"] == pytest.approx(100 * (2 / 3 + 1 + 1 / 2) / 3)


def test_one_cluster_cannot_stand_for_a_known_and_a_novel_class() -> None:
    truth, clusters = np.array([0, 0, 1, 1]), np.zeros(4, dtype=np.int64)
    found = clustering_accuracy(clusters, truth, known=np.array([0]))
    assert (found["accuracy"], found["known_accuracy"], found["novel_accuracy"]) == (50, 100, 0)
    apart = separately_matched_accuracy(clusters, truth, known=np.array([0]))
    assert set(apart.values()) == {100.0}


def test_a_tie_goes_to_the_known_class() -> None:
    truth, clusters = np.array([3, 0]), np.array([1, 1])
    assert clustering_accuracy(clusters, truth, known=np.array([3]))["known_accuracy"] == 100
    assert clustering_accuracy(clusters, truth, known=np.array([0]))["known_accuracy"] == 100


def test_rows_of_extra_clusters_are_wrong() -> None:
    truth, clusters = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 2])
    matching = match(clusters, truth)
    assert matching.class_of.tolist() == [0, -1, 1]
    assert clustering_accuracy(clusters, truth)["accuracy"] == 75


def test_agreement_is_scikit_learns() -> None:
    truth, clusters = np.array([0, 0, 1, 1, 2]), np.array([1, 1, 0, 2, 2])
    assert agreement(clusters, truth)["adjusted_rand_index"] == pytest.approx(
        100 * adjusted_rand_score(truth, clusters)
    )
    assert agreement(truth, truth) == {"normalised_mutual_information": 100, "adjusted_rand_index": 100}


def test_an_estimate_is_off_either_way() -> None:
    assert class_count_error(2, 5) == {
        "estimated_classes": 2,
        "class_count_error": 3,
        "class_count_excess": -3,
    }


@pytest.mark.parametrize("shape", [(0, 0), (2, 3)])
def test_what_does_not_fit_is_a_sentence(shape: tuple[int, int]) -> None:
    with pytest.raises(BadInputError, match="give one of each for every row, and at least one row"):
        match(np.zeros(shape[0], dtype=np.int64), np.zeros(shape[1], dtype=np.int64))
