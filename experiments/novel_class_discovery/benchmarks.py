"""Benchmarks of the track: counting, constrained k-means and silhouettes, beside the usual loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    from experiments.novel_class_discovery.arrays import Labels, Rows

CLASSES, FEATURES, INITIALISATIONS = 7, 16, 10  # Letter's novel classes and its features


def made_up(count: int) -> tuple[Rows, Labels]:
    """Rows `[count, 16]` around seven centres, and whose they are."""
    import numpy as np

    generator = np.random.default_rng(0)
    truth = np.arange(count) % CLASSES
    return 2 * generator.normal(size=(CLASSES, FEATURES))[truth] + generator.normal(
        size=(count, FEATURES)
    ), truth


def _counting(count: int) -> Ways:
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    from experiments.novel_class_discovery.accuracy import clustering_accuracy
    from experiments.novel_class_discovery.one_by_one import counts_one_by_one

    _, truth = made_up(count)
    clusters = np.random.default_rng(1).permutation(truth)

    def usual() -> float:
        counts = counts_one_by_one(clusters, truth)
        rows, columns = linear_sum_assignment(counts, maximize=True)
        return 100 * float(counts[rows, columns].sum()) / count

    return Ways(usual, lambda: clustering_accuracy(clusters, truth)["accuracy"])


def _constrained(count: int) -> Ways:
    import numpy as np

    from experiments.novel_class_discovery.centroid_seeding import draw_centroids
    from experiments.novel_class_discovery.constrained_k_means import ncd_k_means
    from experiments.novel_class_discovery.one_by_one import ncd_k_means_one_by_one

    rows, truth = made_up(count)
    known = np.array([rows[truth == label].mean(axis=0) for label in range(2)])

    def usual() -> float:
        generator = np.random.default_rng(2)
        starts = draw_centroids(rows, known, CLASSES, generator, INITIALISATIONS, "squared")
        return ncd_k_means_one_by_one(rows, starts)[1]

    def ours() -> float:
        return ncd_k_means(rows, known, CLASSES, np.random.default_rng(2), INITIALISATIONS).inertia

    return Ways(usual, ours)


def _silhouettes(count: int) -> Ways:
    import numpy as np

    from experiments.novel_class_discovery.centroid_seeding import squared_distances
    from experiments.novel_class_discovery.one_by_one import silhouettes_one_by_one
    from experiments.novel_class_discovery.silhouettes import mean_silhouette

    rows, _ = made_up(count)
    clusterings = [np.arange(count) % clusters for clusters in range(2, 12)]

    def ours() -> list[float]:
        points = np.asarray(rows, dtype=np.float64)
        distances = np.sqrt(squared_distances(points, points))
        np.fill_diagonal(distances, 0)
        return [mean_silhouette(distances, clusters) for clusters in clusterings]

    return Ways(lambda: silhouettes_one_by_one(rows, clusterings), ours)


BENCHMARKS = [
    Pair(
        "clustering_accuracy",
        "counts row by row, scipy's assignment",
        "counts in one pass, the same assignment",
        _counting,
        [40_000],
        "rows",
        tolerance=1e-9,
        remark="Most of our time goes into sorting, which numbers clusters and classes.",
    ),
    Pair(
        "constrained_k_means",
        "one initialisation after another, scipy's distances",
        "all initialisations at once",
        _constrained,
        [1700],
        "rows",
        tolerance=1e-6,
        remark="scipy's distances are compiled loops as well; what is saved is the loop over clusters.",
    ),
    Pair(
        "silhouettes",
        "scikit-learn, one clustering after another",
        "distances once, a product for each clustering",
        _silhouettes,
        [1000],
        "rows",
        tolerance=1e-9,
        remark="Distances are made once in place of ten times; a product for each clustering stays.",
    ),
]
