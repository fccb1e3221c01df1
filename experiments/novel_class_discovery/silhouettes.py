"""The number of novel classes by silhouettes of k-means, all pairwise distances made once.

Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis" (1987).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels, Rows, check_rows
from experiments.novel_class_discovery.centroid_seeding import squared_distances


class CountEstimate(NamedTuple):
    """The number with the highest mean silhouette, and that mean for each number that was tried."""

    classes: int
    tried: list[int]
    silhouettes: list[float]


def mean_silhouette(distances: NDArray[np.floating], clusters: Labels) -> float:
    """Mean over rows of (b - a) / max(a, b), from all distances `[n, n]`.

    a: mean distance to the others of its cluster, b: to the nearest other cluster. A row alone in its cluster
    has 0. Raises BadInputError unless there are at least two clusters.
    """
    _, places, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise BadInputError("A silhouette needs two clusters; all rows are in one.")
    rows = np.arange(len(places))
    member = np.zeros((len(places), len(sizes)), dtype=distances.dtype)
    member[rows, places] = 1
    sums = distances @ member
    within = sums[rows, places] / np.maximum(sizes[places] - 1, 1)
    means = sums / sizes
    means[rows, places] = np.inf
    between = means.min(axis=1)
    largest = np.maximum(within, between)
    scores = np.where(largest > 0, (between - within) / np.where(largest > 0, largest, 1), 0)
    return float(np.where(sizes[places] > 1, scores, 0).mean())


def estimate_classes(
    rows: Rows, generator: np.random.Generator, most: int = 30, runs: int = 3, most_rows: int | None = None
) -> CountEstimate:
    """Try 2, 3, … up to `most` clusters, each by so many runs of k-means; the highest mean silhouette wins.

    Of equal ones the smallest number. With `most_rows`, a random subset of so many stands for all rows.
    Raises BadInputError where fewer than three rows differ: two clusters of them say nothing.
    """
    from sklearn.cluster import KMeans

    check_rows(rows, "unlabelled rows")
    if most_rows is not None and len(rows) > most_rows:
        rows = rows[generator.permutation(len(rows))[:most_rows]]
    points = np.asarray(rows, dtype=np.float64)
    different = len(np.unique(points, axis=0))
    if different < 3:
        raise BadInputError(
            f"The number of classes can't be estimated from {len(rows)} rows of which {different} differ; "
            "give it, or more rows."
        )
    distances = np.sqrt(squared_distances(points, points)).astype(np.float32)
    np.fill_diagonal(distances, 0)
    tried = list(range(2, min(most, different - 1) + 1))
    scores = []
    for clusters in tried:
        seeds = generator.integers(2**31, size=runs)
        fitted = [KMeans(clusters, n_init=1, random_state=int(seed)).fit_predict(points) for seed in seeds]
        scores.append(float(np.mean([mean_silhouette(distances, labels) for labels in fitted])))
    return CountEstimate(tried[int(np.argmax(scores))], tried, scores)
