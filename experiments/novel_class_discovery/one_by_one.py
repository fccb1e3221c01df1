"""The usual loops: counts row by row, one initialisation and one silhouette after another.

What the vectorised modules must agree with, and are timed beside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.novel_class_discovery.arrays import Labels, Rows


def counts_one_by_one(clusters: Labels, truth: Labels) -> NDArray[np.int64]:
    """How many rows of each class each cluster has, `[clusters, classes]`, for ids from 0 without gaps."""
    size = int(max(clusters.max(), truth.max())) + 1
    counts = np.zeros((size, size), dtype=np.int64)
    for cluster, label in zip(clusters, truth, strict=True):
        counts[cluster, label] += 1
    return counts


def ncd_k_means_one_by_one(
    rows: Rows, starts: NDArray[np.float64], iterations: int = 300
) -> tuple[NDArray[np.float64], float]:
    """Centroids and inertia of the best of Lloyd's from each of `starts`, one after another."""
    tolerance = 1e-4 * float(rows.var(axis=0).mean())
    best, lowest = starts[0], np.inf
    for start in starts:
        centroids = start.copy()
        for _ in range(iterations):
            assigned = np.argmin(_distances(rows, centroids), axis=1)
            moved = centroids.copy()
            for cluster in range(len(centroids)):
                if (assigned == cluster).any():
                    moved[cluster] = rows[assigned == cluster].mean(axis=0)
            shift = float(((moved - centroids) ** 2).sum())
            centroids = moved
            if shift <= tolerance:
                break
        inertia = float(_distances(rows, centroids).min(axis=1).sum())
        if inertia < lowest:
            best, lowest = centroids, inertia
    return best, lowest


def silhouettes_one_by_one(rows: Rows, clusterings: Sequence[Labels]) -> list[float]:
    """The mean silhouette of each clustering, by scikit-learn, which makes all distances each time."""
    from sklearn.metrics import silhouette_score

    return [float(silhouette_score(rows, clusters)) for clusters in clusterings]


def _distances(rows: Rows, centroids: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.spatial.distance import cdist

    found: NDArray[np.float64] = cdist(rows, centroids, "sqeuclidean")
    return found
