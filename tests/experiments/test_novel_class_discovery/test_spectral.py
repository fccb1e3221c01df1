"""The spectral embedding: its tree against scipy's, its vectors against a full decomposition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree

from common.strict import BadInputError
from experiments.novel_class_discovery.centroid_seeding import squared_distances
from experiments.novel_class_discovery.tabular_ncd.spectral import (
    affinities,
    largest_tree_edge,
    spectral_embedding,
)


def rows(seed: int, count: int = 15) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000))
def test_the_tree_is_scipys(seed: int) -> None:
    distances = squared_distances(rows(seed), rows(seed))
    assert largest_tree_edge(distances) == pytest.approx(minimum_spanning_tree(distances).data.max())


def test_the_longest_edge_weighs_the_root_of_min_dist() -> None:
    """As the published equations have it: sigma from exp(-M / sigma^2), the kernel with 2 sigma^2."""
    distances = squared_distances(rows(0), rows(0))
    kernel = affinities(distances, 0.49)
    longest = np.unravel_index(np.abs(distances - largest_tree_edge(distances)).argmin(), distances.shape)
    assert kernel[longest] == pytest.approx(0.7)
    assert (np.diag(kernel) == 0).all()


def test_vectors_are_those_of_the_whole_laplacian() -> None:
    points = rows(1)
    kernel = affinities(squared_distances(points, points), 0.5)
    scale = 1 / np.sqrt(kernel.sum(axis=1))
    laplacian = np.eye(len(points)) - scale[:, None] * kernel * scale
    _, vectors = np.linalg.eigh(laplacian)
    found = spectral_embedding(points, 0.5, 3, seed=0)
    assert np.abs(found) == pytest.approx(np.abs(vectors[:, 1:4]), abs=1e-4)
    for vector in found.T:
        assert vector[np.abs(vector).argmax()] > 0


def test_another_start_gives_the_same_vectors() -> None:
    first, second = (spectral_embedding(rows(2), 0.5, 2, seed) for seed in (0, 1))
    assert first == pytest.approx(second, abs=1e-4)


def test_more_components_than_rows_are_cut() -> None:
    assert spectral_embedding(rows(3, count=6), 0.5, 50, seed=0).shape == (6, 4)


@pytest.mark.parametrize("min_dist", [0.0, 1.0, math.nan])
def test_a_min_dist_outside_its_range_is_a_sentence(min_dist: float) -> None:
    with pytest.raises(BadInputError, match="it must be above 0 and below 1"):
        affinities(squared_distances(rows(0), rows(0)), min_dist)


def test_equal_rows_are_a_sentence() -> None:
    with pytest.raises(BadInputError, match="All rows are equal"):
        affinities(np.zeros((4, 4)), 0.5)
