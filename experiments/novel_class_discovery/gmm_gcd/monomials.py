"""Points as monomials up to degree two, which make sums and log-densities of Gaussians matrix products.

A Gaussian's log-density is linear in 1, x and x xᵀ, and so are the sums that its parameters are estimated
from. With these monomials in one table, densities under all components are one product, and so are all their
sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.novel_class_discovery.arrays import Labels, Rows

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Of the points of each cluster, float64: counts `[k]`, sums `[k, d]` and sums of x xᵀ `[k, d, d]`."""

    counts: NDArray[np.float64]
    firsts: NDArray[np.float64]
    seconds: NDArray[np.float64]

    @property
    def means(self) -> NDArray[np.float64]:
        """`[k, d]`; 0 where a cluster is empty."""
        means: NDArray[np.float64] = self.firsts / np.maximum(self.counts, 1)[:, None]
        return means

    def __len__(self) -> int:
        return len(self.counts)

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.counts + other.counts, self.firsts + other.firsts, self.seconds + other.seconds)

    def of(self, clusters: Labels) -> Sums:
        """Those of the named clusters, in that order."""
        return Sums(self.counts[clusters], self.firsts[clusters], self.seconds[clusters])


def monomials(points: Rows) -> Table:
    """`[n, 1 + d + d (d + 1) / 2]`: 1, the coordinates, and the products of each two of them."""
    points = np.asarray(points, dtype=np.float64)
    first, second = np.triu_indices(points.shape[1])
    return np.concatenate([np.ones((len(points), 1)), points, points[:, first] * points[:, second]], axis=1)


def sums(table: Table, weights: NDArray[np.float64], dimension: int) -> Sums:
    """Weighted sums under each of the weights `[n, k]` of points of so many dimensions."""
    added = weights.T @ table
    upper = np.triu_indices(dimension)
    seconds = np.zeros((len(added), dimension, dimension))
    seconds[:, upper[0], upper[1]] = added[:, 1 + dimension :]
    seconds[:, upper[1], upper[0]] = added[:, 1 + dimension :]
    return Sums(added[:, 0], added[:, 1 : 1 + dimension], seconds)


def cluster_sums(table: Table, clusters: Labels, number: int, dimension: int) -> Sums:
    """Those of the clusters 0, 1, … below `number`; places of other points are ignored."""
    return sums(table, members(clusters, number), dimension)


def members(clusters: Labels, number: int) -> NDArray[np.float64]:
    """1 where a point belongs to a cluster, `[n, number]`."""
    found: NDArray[np.float64] = (clusters[:, None] == np.arange(number)).astype(np.float64)
    return found


def quadratic(
    constant: NDArray[np.float64], linear: NDArray[np.float64], matrix: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coefficients `[monomials, k]` of a + b·x + x' M x, from `[k]`, `[k, d]` and symmetric `[k, d, d]`."""
    first, second = np.triu_indices(linear.shape[1])
    doubled = np.where(first == second, 1.0, 2.0)
    parts = [constant[:, None], linear, matrix[:, first, second] * doubled]
    coefficients: NDArray[np.float64] = np.concatenate(parts, axis=1).T
    return coefficients
