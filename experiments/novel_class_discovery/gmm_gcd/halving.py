"""2-means inside every cluster at once: the halves that a split would make.

Each point is compared with the two centroids of its own cluster alone, so that all take the time of one.
"""

from __future__ import annotations

import numpy as np

from experiments.novel_class_discovery.arrays import Labels, Rows
from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import Floats

ITERATIONS = 30


def halves(
    points: Rows, clusters: Labels, number: int, generator: np.random.Generator, starts: int = 5
) -> Labels:
    """0 or 1 for each point `[n]`: its half of its cluster, the best of several starts by the inertia.

    A start is two points of the cluster, the second in proportion to its squared distance from the first.
    A cluster of equal points, or of one, has one half.
    """
    points = np.asarray(points, dtype=np.float64)
    best = np.zeros(len(points), dtype=np.int64)
    lowest = np.full(number, np.inf)
    for _ in range(starts):
        found, inertias = lloyd(points, clusters, drawn_pairs(points, clusters, number, generator))
        better = inertias < lowest
        best = np.where(better[clusters], found, best)
        lowest = np.minimum(lowest, inertias)
    return best


def drawn_pairs(points: Rows, clusters: Labels, number: int, generator: np.random.Generator) -> Floats:
    """Two first centroids of each cluster, `[number, 2, d]`."""
    first = points[_drawn(np.ones(len(points)), clusters, number, generator)]
    squared = ((points - first[clusters]) ** 2).sum(axis=1)
    second = points[_drawn(squared, clusters, number, generator)]
    return np.stack([first, second], axis=1)


def lloyd(points: Rows, clusters: Labels, centroids: Floats) -> tuple[Labels, Floats]:
    """The half of each point `[n]`, and each cluster's sum of squared distances `[number]`.

    The second centroid is the nearer one where a point lies beyond the middle between both.
    """
    before = np.full(len(points), -1)
    for _ in range(ITERATIONS):
        across = centroids[:, 1] - centroids[:, 0]
        middle = (across * centroids.mean(axis=1)).sum(axis=1)
        found = (np.einsum("nd,nd->n", points, across[clusters]) > middle[clusters]).astype(np.int64)
        if np.array_equal(found, before):
            break
        before = found
        centroids = _means(points, clusters, found, centroids)
    distances = ((points - centroids[clusters, found]) ** 2).sum(axis=1)
    inertias: Floats = np.bincount(clusters, distances, minlength=len(centroids)).astype(np.float64)
    return found, inertias


def _means(points: Rows, clusters: Labels, found: Labels, centroids: Floats) -> Floats:
    """Of each half `[number, 2, d]`; one without points stays where it is."""
    number, _, dimension = centroids.shape
    places = 2 * clusters + found
    counts = np.bincount(places, minlength=2 * number)
    member = (places == np.arange(2 * number)[:, None]).astype(np.float64)
    means = (member @ points) / np.maximum(counts, 1)[:, None]
    kept: Floats = np.where(counts[:, None] > 0, means, centroids.reshape(-1, dimension))
    return kept.reshape(number, 2, dimension)


def _drawn(weights: Floats, clusters: Labels, number: int, generator: np.random.Generator) -> Labels:
    """A place of each cluster `[number]`, in proportion to the weights `[n]`; 0 for one without points.

    The largest of log w + Gumbel noise is a draw in proportion to w (Maddison, Tarlow, Minka 2014).
    """
    with np.errstate(divide="ignore"):
        keys = np.log(weights) + generator.gumbel(size=len(weights))
    order = np.lexsort((keys, clusters))
    chosen = np.zeros(number, dtype=np.int64)
    chosen[clusters[order]] = order  # the last of a cluster, which has its largest key, stays
    return chosen
