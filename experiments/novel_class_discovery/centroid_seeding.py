"""Initial centroids away from given ones: k-means++ that begins with the means of known classes.

Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding" (2007); with known classes as in
Troisemaine et al. 2024: the first new centroid, too, is drawn by its distance to the known ones.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from experiments.novel_class_discovery.arrays import Rows

Power = Literal["squared", "plain"]


def draw_centroids(
    rows: Rows,
    known: NDArray[np.float64],
    new: int,
    generator: np.random.Generator,
    initialisations: int,
    power: Power,
) -> NDArray[np.float64]:
    """Rows `[initialisations, new, d]`, drawn one after another by their distance to the nearest centroid.

    `power` "squared": in proportion to the squared distance, as published; "plain": to the distance, as
    released. Where all rows lie on centroids, and where there is none yet, all rows are equally likely.
    """
    points = np.asarray(rows, dtype=np.float64)
    nearest = np.full((initialisations, len(points)), np.inf)
    if len(known):
        nearest[:] = squared_distances(points, known).min(axis=1)
    chosen = np.empty((initialisations, new, points.shape[1]))
    for place in range(new):
        picked = _draw(nearest if power == "squared" else np.sqrt(nearest), generator)
        chosen[:, place] = points[picked]
        np.minimum(nearest, squared_distances(points, chosen[:, place]).T, out=nearest)
    return chosen


def squared_distances(rows: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared Euclidean distances `[n, m]`, never below 0."""
    products = rows @ points.T
    distances = (rows**2).sum(axis=1)[:, None] - 2 * products + (points**2).sum(axis=1)
    found: NDArray[np.float64] = np.maximum(distances, 0, out=distances)
    return found


def _draw(weights: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.int64]:
    """A place for each line of weights `[initialisations, n]`, in proportion to them."""
    even = np.isinf(weights).all(axis=1) | (weights.sum(axis=1) == 0)
    weights = np.where(even[:, None], 1.0, weights)
    heights = np.cumsum(weights, axis=1)
    wanted = generator.random(len(weights)) * heights[:, -1]
    # Rounding may put what is wanted at the very top, past the last row.
    found: NDArray[np.int64] = np.minimum((heights <= wanted[:, None]).sum(axis=1), heights.shape[1] - 1)
    return found
