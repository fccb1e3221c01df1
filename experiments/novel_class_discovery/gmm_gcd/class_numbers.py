"""How many classes there are, told from features alone, without a search by splitting and merging.

Vaze et al. 2022, `estimate_k`: plain k-means with a candidate number on all images; the number whose
clusters, matched with classes, get the most labelled images right, by bounded Brent's method. The elbow is
ours: of the inertias of k-means, the number farthest below the line from the first to the last.
"""

from __future__ import annotations

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.accuracy import clustering_accuracy
from experiments.novel_class_discovery.arrays import Labels, Rows, check_rows


def labelled_accuracy(features: Rows, labels: Labels, number: int, initialisations: int) -> float:
    """Percent right among the labelled images, the first ones, when all are clustered without labels."""
    from sklearn.cluster import KMeans

    found = KMeans(number, n_init=initialisations, random_state=0).fit_predict(features)
    return clustering_accuracy(found[: len(labels)].astype(np.int64), labels)["accuracy"]


def by_labelled_accuracy(
    features: Rows, labels: Labels, most: int, initialisations: int = 10
) -> tuple[int, dict[int, float]]:
    """The number found between that of known classes and `most`, and the accuracy at each that was tried.

    Brent's method takes numbers for real ones, which are rounded down, as in the released code.
    Raises BadInputError where there is no room for a search, or more clusters than points might be tried.
    """
    from scipy.optimize import minimize_scalar

    check_rows(features, "features")
    known = int(labels.max()) + 1
    if not known < most <= len(features):
        raise BadInputError(
            f"The number of classes can't be sought between {known} and {most} among {len(features)} "
            f"features; set 'most' to one of {known + 1} to {len(features)}."
        )
    tried: dict[int, float] = {}

    def loss(number: float) -> float:
        whole = int(number)
        if whole not in tried:
            tried[whole] = labelled_accuracy(features, labels, whole, initialisations)
        return -tried[whole]

    found = minimize_scalar(loss, bounds=(known, most), method="bounded")
    return int(found.x), tried


def by_elbow(features: Rows, most: int, generator: np.random.Generator) -> int:
    """Of 1, 2, … up to `most` clusters; raises BadInputError for more than there are features."""
    from sklearn.cluster import KMeans

    check_rows(features, "features")
    if not 3 <= most <= len(features):
        raise BadInputError(f"An elbow can't be sought up to {most} clusters of {len(features)} features.")
    seeds = generator.integers(2**31, size=most)
    inertias = np.array(
        [
            KMeans(number, n_init=1, random_state=int(seeds[number - 1])).fit(features).inertia_
            for number in range(1, most + 1)
        ]
    )
    line = np.linspace(inertias[0], inertias[-1], most)
    return int(np.argmax(line - inertias)) + 1
