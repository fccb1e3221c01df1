"""Spectral embeddings whose width of the kernel comes from the minimum spanning tree.

Troisemaine et al. 2024: sigma = sqrt(-M / ln(min_dist)), M the largest squared edge of the tree;
A_ij = exp(-|x_i - x_j|^2 / (2 sigma^2)), zero on the diagonal; eigenvectors 2 to n + 1 of the symmetrically
normalised Laplacian I - D^(-1/2) A D^(-1/2), by the smallest eigenvalues. So the tree's longest edge has the
weight sqrt(min_dist), not min_dist: the equations are kept as they are, since min_dist is searched for.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Rows
from experiments.novel_class_discovery.centroid_seeding import squared_distances


def largest_tree_edge(distances: NDArray[np.float64]) -> float:
    """The largest squared edge of the minimum spanning tree of all squared distances `[n, n]`.

    Prim, "Shortest connection networks and some generalizations" (1957), one vectorised pass a row.
    """
    count = len(distances)
    nearest = distances[0].copy()
    outside = np.ones(count, dtype=bool)
    outside[0] = False
    largest = 0.0
    for _ in range(count - 1):
        added = int(np.argmin(np.where(outside, nearest, np.inf)))
        largest = max(largest, float(nearest[added]))
        outside[added] = False
        np.minimum(nearest, distances[added], out=nearest)
    return largest


def affinities(distances: NDArray[np.float64], min_dist: float) -> NDArray[np.float64]:
    """The kernel `[n, n]` of squared distances.

    Raises BadInputError unless 0 < min_dist < 1 and some rows differ.
    """
    if not 0 < min_dist < 1:
        raise BadInputError(f"min_dist is {min_dist}; it must be above 0 and below 1.")
    largest = largest_tree_edge(distances)
    if not largest > 0:
        raise BadInputError("All rows are equal, so that no distance tells them apart; leave duplicates out.")
    variance = -largest / math.log(min_dist)
    kernel: NDArray[np.float64] = np.exp(-distances / (2 * variance))
    np.fill_diagonal(kernel, 0)
    return kernel


def spectral_embedding(rows: Rows, min_dist: float, components: int, seed: int) -> NDArray[np.float64]:
    """Coordinates `[n, components]` of the rows, each vector's sign such that its largest entry is positive.

    At most n - 2 components; `seed` starts the iterations of Lanczos. Raises BadInputError as `affinities`.
    """
    from scipy.sparse.linalg import eigsh

    everything = np.asarray(rows, dtype=np.float64)
    kernel = affinities(squared_distances(everything, everything), min_dist)
    scale = 1 / np.sqrt(np.maximum(kernel.sum(axis=1), np.finfo(np.float64).tiny))
    kernel *= scale[:, None]
    kernel *= scale
    wanted = min(components, len(rows) - 2)
    start = np.random.default_rng(seed).normal(size=len(rows))
    values, vectors = eigsh(kernel, k=wanted + 1, which="LA", v0=start, tol=1e-5)
    chosen = vectors[:, np.argsort(-values)[1:]]
    signs = np.sign(chosen[np.argmax(np.abs(chosen), axis=0), np.arange(wanted)])
    found: NDArray[np.float64] = chosen * signs
    return found
