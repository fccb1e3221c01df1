"""How a discovery is scored: images without a label by the novel head, test images among all classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.novel_class_discovery.accuracy import agreement, clustering_accuracy
from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.image_splits import ImageSplit
from experiments.novel_class_discovery.matching import match


class Found(NamedTuple):
    """Clusters of the images without a label, of the test images, and of the former by head, `[heads, n]`."""

    unlabelled: Labels
    test: Labels
    by_head: NDArray[np.int64]


def unlabelled_scores(found: Found, truth: Labels) -> dict[str, float]:
    """Accuracy of the head that is scored and the mean over heads, and agreement; all in percent."""
    by_head = [clustering_accuracy(clusters, truth)["accuracy"] for clusters in found.by_head]
    return {
        **clustering_accuracy(found.unlabelled, truth),
        **agreement(found.unlabelled, truth),
        "mean_accuracy_of_heads": float(np.mean(by_head)),
    }


def scores_among_all(found: Found, split: ImageSplit) -> dict[str, float]:
    """Accuracy on all, known and novel classes by one matching, in percent."""
    truth = split.test.labels.cpu().numpy()
    return clustering_accuracy(found.test, truth, np.arange(split.known))


def confusion(found: Found, split: ImageSplit) -> dict[str, list[float]]:
    """Test images of each class (rows) by the class that their cluster was matched with (columns), row by
    row.

    Also the data set's own number of each class. Images of clusters without a class are in the last column.
    """
    truth = split.test.labels.cpu().numpy()
    matched = match(found.test, truth, favoured=np.arange(split.known)).translated(found.test)
    classes = len(split.classes)
    columns = np.where(matched < 0, classes, matched)
    counts = np.bincount(truth * (classes + 1) + columns, minlength=classes * (classes + 1))
    return {"confusion": counts.astype(float).tolist(), "classes": [float(label) for label in split.classes]}
