"""Silhouettes against scikit-learn, and counting classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import pairwise_distances, silhouette_score

from common.strict import BadInputError
from experiments.novel_class_discovery.silhouettes import estimate_classes, mean_silhouette


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.integers(2, 5))
def test_it_is_scikit_learns(seed: int, clusters: int) -> None:
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(12, 2))
    labels = np.concatenate([np.arange(clusters), generator.integers(0, clusters, 12 - clusters)])
    found = mean_silhouette(pairwise_distances(rows), labels)
    assert found == pytest.approx(silhouette_score(rows, labels))


def test_equal_rows_have_no_silhouette() -> None:
    assert mean_silhouette(np.zeros((4, 4)), np.array([0, 0, 1, 1])) == 0


def test_groups_are_counted() -> None:
    generator = np.random.default_rng(0)
    centres = 10 * generator.normal(size=(4, 3))
    rows = np.repeat(centres, 15, axis=0) + generator.normal(0, 0.1, (60, 3))
    for most_rows in (None, 40):
        found = estimate_classes(rows, np.random.default_rng(1), most=8, most_rows=most_rows)
        assert found.classes == 4
        assert found.tried == list(range(2, 9))
        assert max(found.silhouettes) == found.silhouettes[2]


def test_no_more_clusters_are_tried_than_rows_differ() -> None:
    rows = np.array([[0.0], [0], [1], [5], [5]])
    assert estimate_classes(rows, np.random.default_rng(0)).tried == [2]


def test_too_little_is_a_sentence() -> None:
    with pytest.raises(BadInputError, match="can't be estimated from 9 rows of which 2 differ"):
        estimate_classes(np.repeat([[0.0], [1.0]], [4, 5], axis=0), np.random.default_rng(0))
    with pytest.raises(BadInputError, match="needs two clusters"):
        mean_silhouette(np.zeros((2, 2)), np.zeros(2, dtype=np.int64))
