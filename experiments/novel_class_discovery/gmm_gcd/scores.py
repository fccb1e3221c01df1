"""Scores of a clustering of images without labels, and of new images by the clusters found."""

from __future__ import annotations

import numpy as np

from experiments.novel_class_discovery.accuracy import (
    agreement,
    class_count_error,
    clustering_accuracy,
    separately_matched_accuracy,
)
from experiments.novel_class_discovery.arrays import Labels


def scores(clusters: Labels, truth: Labels, known: int, classes: int, number: int) -> dict[str, float]:
    """All metrics of the clusters `[n]` of unlabelled images; `number`: of clusters, against so many classes.

    Counts are of known and novel classes together.
    """
    old = np.arange(known)
    return {
        **clustering_accuracy(clusters, truth, old),
        **separately_matched_accuracy(clusters, truth, old),
        **agreement(clusters, truth),
        **class_count_error(number, classes),
    }


def scores_of_new(clusters: Labels, truth: Labels, known: int) -> dict[str, float]:
    """Accuracies of test images, each clustered by itself."""
    found = clustering_accuracy(clusters, truth, np.arange(known))
    return {f"test_{name}": value for name, value in found.items()}
