"""Matching clusters with classes, one to one, so that as many rows as possible are right.

Kuhn, "The Hungarian method for the assignment problem" (1955), by scipy, on a table of counts that is made in
one pass. With more clusters than classes some stay unmatched, and their rows are wrong; with fewer, so are
the rows of the classes that got none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels


class Matching(NamedTuple):
    """Counts `[clusters, classes]` of what occurs, the ids of both, and each cluster's class, or -1."""

    counts: NDArray[np.int64]
    clusters: Labels
    classes: Labels
    class_of: Labels

    def translated(self, clusters: Labels) -> Labels:
        """The class `[n]` of each row by its cluster; -1 where the cluster has none."""
        return self.class_of[np.searchsorted(self.clusters, clusters)]


def match(clusters: Labels, truth: Labels, favoured: Labels | None = None) -> Matching:
    """The best matching of clusters `[n]` with true classes `[n]`.

    Where several are equally good, one that gets the most rows of `favoured` classes right: so accuracy on
    these, too, hangs on the clusters alone and not on how they are numbered.
    Raises BadInputError where there are no rows, or not one cluster for each.
    """
    if clusters.shape != truth.shape or clusters.ndim != 1 or not len(truth):
        raise BadInputError(
            f"Clusters of the shape {list(clusters.shape)} can't be matched with classes of the shape "
            f"{list(truth.shape)}; give one of each for every row, and at least one row."
        )
    counts, found, classes = contingency(clusters, truth)
    from scipy.optimize import linear_sum_assignment

    gain = counts * (len(truth) + 1)
    if favoured is not None:
        gain[:, np.isin(classes, favoured)] += counts[:, np.isin(classes, favoured)]
    rows, columns = linear_sum_assignment(gain, maximize=True)
    class_of = np.full(len(found), -1, dtype=np.int64)
    class_of[rows] = classes[columns]
    return Matching(counts, found, classes, class_of)


def contingency(clusters: Labels, truth: Labels) -> tuple[NDArray[np.int64], Labels, Labels]:
    """How many rows of each class each cluster has, `[clusters, classes]`, and the sorted ids of both."""
    found, cluster_places = np.unique(clusters, return_inverse=True)
    classes, class_places = np.unique(truth, return_inverse=True)
    flat = np.bincount(cluster_places * len(classes) + class_places, minlength=len(found) * len(classes))
    return flat.reshape(len(found), len(classes)), found, classes
