"""Benchmark of the ICNN score, beside scikit-learn's neighbours, task by task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WAYS, PER_CLASS, DIMENSION = 5, 6, 64  # one support and five queries of a Conv-4
NEIGHBOURS, EPSILON = 4, 1e-7


def score_by_neighbours(points: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The modified ICNN score of one task, by scikit-learn's neighbour search."""
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    distances, places = NearestNeighbors(n_neighbors=PER_CLASS + 1).fit(points).kneighbors(points)
    distances, same = distances[:, 1:], labels[places[:, 1:]] == labels[:, None]
    foreign = np.where(same, np.inf, distances).min(1, keepdims=True)
    near, same = distances[:, :NEIGHBOURS], same[:, :NEIGHBOURS]
    relative = near / (foreign + EPSILON)
    relative = relative / np.maximum(1, relative.max(1, keepdims=True))
    related, strange = same.any(1), (~same).any(1)
    compactness = 1.0
    if related.any():
        sums = (same * relative).sum(1)[related] / (same.sum(1)[related] + EPSILON)
        compactness -= float(sums.mean())
    separation = 1.0
    if strange.any():
        apart = near * ~same
        means = apart.sum(1)[strange] / ((~same).sum(1)[strange] + EPSILON)
        separation = float(means.mean()) / (float(apart.max()) + EPSILON)
    return ((compactness + separation) / 2 + float(same.mean())) / 2


def _icnn_score(tasks: int) -> Ways:
    import torch

    from experiments.few_shot.susana_distancia.embedded_tasks import Points
    from experiments.few_shot.susana_distancia.icnn import modified_score

    draws = torch.Generator().manual_seed(0)
    labels = torch.arange(WAYS).repeat_interleave(PER_CLASS)
    centres = torch.randn(tasks, WAYS, DIMENSION, generator=draws, dtype=torch.float64)[:, labels]
    places = centres + torch.randn(tasks, len(labels), DIMENSION, generator=draws, dtype=torch.float64)
    points = Points(places, labels)
    return Ways(
        usual=lambda: [score_by_neighbours(task, labels.numpy()) for task in places.numpy()],
        ours=lambda: modified_score(points, points, "itself", retrieved=PER_CLASS).total.tolist(),
    )


BENCHMARKS = [
    Pair(
        "icnn_score",
        "scikit-learn's neighbours, task by task",
        "all tasks at once",
        _icnn_score,
        [200],
        "5-way tasks of 6 images a class",
        tolerance=1e-5,
    ),
]
