"""k-means that knows some classes, all initialisations at once.

Two kinds. NCD k-means (Troisemaine et al., "A Practical Approach to Novel Class Discovery in Tabular Data",
2024): centroids of known classes are their means and stay; new ones are drawn away from them and moved over
rows without a label. Semi-supervised k-means (Vaze et al., "Generalized Category Discovery", CVPR 2022):
labelled rows stay in their class, others go to the nearest centroid, and all centroids move.

A centroid without rows stays where it is. A row as near to two centroids goes to the first of them; of
equally good initialisations the first is taken.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels, Rows, check_cluster_count, check_rows
from experiments.novel_class_discovery.centroid_seeding import Power, draw_centroids, squared_distances

MOST_ELEMENTS = 1 << 22  # of distances that are held at once


class Clusters(NamedTuple):
    """Centroids `[clusters, d]`, those of known classes first where they took part, and each row's `[n]`."""

    centroids: NDArray[np.float64]
    assigned: Labels
    inertia: float


class Labelled(NamedTuple):
    """Rows `[n, d]` with labels `[n]` from 0 to the number of known classes less one."""

    rows: Rows
    labels: Labels

    def means(self) -> NDArray[np.float64]:
        """The mean `[known, d]` of each class; raises BadInputError where one has no rows."""
        counts = np.bincount(self.labels)
        if not counts.all():
            raise BadInputError(
                f"No labelled row is of class {int(np.argmin(counts))}; number classes from 0."
            )
        sums = np.zeros((len(counts), self.rows.shape[1]))
        np.add.at(sums, self.labels, self.rows)
        return sums / counts[:, None]


def ncd_k_means(
    rows: Rows,
    known_centroids: Rows,
    clusters: int,
    generator: np.random.Generator,
    initialisations: int = 10,
    power: Power = "squared",
) -> Clusters:
    """New centroids for rows without a label, drawn away from the known ones, which attract no row.

    Args:
        rows: without a label, all of novel classes, `[n, d]`.
        known_centroids: `[known, d]`; none: plain k-means.
        clusters: how many new ones.
        generator: draws the initial centroids.
        initialisations: of which the best is kept.
        power: "squared" draws in proportion to squared distances and keeps the smallest sum of these;
            "plain" does both with distances, as the released code does.

    Raises:
        BadInputError: for more clusters than rows, and for rows that aren't finite.
    """
    check_rows(rows, "unlabelled rows")
    check_cluster_count(clusters, rows, "unlabelled rows")
    fixed = np.asarray(known_centroids, dtype=np.float64)
    start = draw_centroids(rows, fixed, clusters, generator, initialisations, power)
    return _best_of(np.asarray(rows, dtype=np.float64), start, None, 300, power)


def semi_supervised_k_means(
    labelled: Labelled,
    rows: Rows,
    clusters: int,
    generator: np.random.Generator,
    initialisations: int = 100,
    iterations: int = 200,
) -> Clusters:
    """Centroids of known and new classes, and the cluster of each row without a label.

    `clusters` counts known classes too, which are the first. Raises BadInputError where they are fewer than
    those, or more than there are rows.
    """
    check_rows(rows, "unlabelled rows")
    means = labelled.means()
    if clusters < len(means):
        raise BadInputError(
            f"{clusters} clusters can't hold {len(means)} known classes; ask for {len(means)} or more."
        )
    everything = np.asarray(np.concatenate([labelled.rows, rows]), dtype=np.float64)
    check_cluster_count(clusters, everything, "rows")
    new = draw_centroids(rows, means, clusters - len(means), generator, initialisations, "squared")
    start = np.concatenate([np.repeat(means[None], initialisations, axis=0), new], axis=1)
    found = _best_of(everything, start, labelled.labels, iterations, "squared")
    return found._replace(assigned=found.assigned[len(labelled.labels) :])


def nearest_centroid(rows: Rows, centroids: Rows) -> Labels:
    """The nearest centroid `[n]` of each row."""
    everything, points = (np.asarray(each, dtype=np.float64) for each in (rows, centroids))
    found: Labels = np.argmin(squared_distances(everything, points), axis=1)
    return found


def _best_of(
    rows: NDArray[np.float64],
    start: NDArray[np.float64],
    labels: Labels | None,
    iterations: int,
    power: Power,
) -> Clusters:
    """The best of Lloyd's from each of `start`, `[initialisations, clusters, d]`, as many at once as fit."""
    at_once = max(1, MOST_ELEMENTS // (len(rows) * start.shape[1]))
    best: Clusters | None = None
    for begin in range(0, len(start), at_once):
        found = _lloyd(rows, start[begin : begin + at_once], labels, iterations, power)
        if best is None or found.inertia < best.inertia:
            best = found
    assert best is not None
    return best


def _lloyd(
    rows: NDArray[np.float64],
    centroids: NDArray[np.float64],
    labels: Labels | None,
    iterations: int,
    power: Power,
) -> Clusters:
    """Lloyd's algorithm from all initialisations together, until squared centroid shifts fall below 1e-4 of
    the mean variance of features, as scikit-learn has it; the one of the smallest inertia."""
    tolerance = 1e-4 * float(rows.var(axis=0).mean())
    moving = np.arange(len(centroids))
    centroids = centroids.copy()
    for _ in range(iterations):
        assigned, _ = _assign(rows, centroids[moving], labels)
        moved = _means(rows, assigned, centroids[moving])
        shifts = ((moved - centroids[moving]) ** 2).sum(axis=(1, 2))
        centroids[moving] = moved
        moving = moving[shifts > tolerance]
        if not len(moving):
            break
    assigned, distances = _assign(rows, centroids, labels)
    inertias = (distances if power == "squared" else np.sqrt(distances)).sum(axis=1)
    best = int(np.argmin(inertias))
    return Clusters(centroids[best], assigned[best], float(inertias[best]))


def _assign(
    rows: NDArray[np.float64], centroids: NDArray[np.float64], labels: Labels | None
) -> tuple[Labels, NDArray[np.float64]]:
    """Each row's centroid `[initialisations, n]` and squared distance; the first rows keep their `labels`."""
    count, clusters, width = centroids.shape
    flat = squared_distances(rows, centroids.reshape(-1, width))
    distances = flat.reshape(len(rows), count, clusters)
    assigned = np.argmin(distances, axis=2)
    if labels is not None:
        assigned[: len(labels)] = labels[:, None]
    nearest = np.take_along_axis(distances, assigned[:, :, None], axis=2)[:, :, 0]
    return assigned.T, nearest.T


def _means(
    rows: NDArray[np.float64], assigned: Labels, centroids: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean of the rows of each centroid, `[initialisations, clusters, d]`; one without rows stays."""
    count, clusters, width = centroids.shape
    member = np.zeros((count, clusters, len(rows)))
    np.put_along_axis(member, assigned[:, None, :], 1.0, axis=1)
    sums = (member.reshape(-1, len(rows)) @ rows).reshape(count, clusters, width)
    sizes = member.sum(axis=2)
    return np.where(sizes[..., None] > 0, sums / np.maximum(sizes, 1)[..., None], centroids)
