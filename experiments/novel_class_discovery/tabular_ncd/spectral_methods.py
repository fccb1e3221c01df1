"""Spectral clustering of scored rows, and NCD spectral clustering, which embeds labelled rows with them."""

from __future__ import annotations

import numpy as np

from common.training.seeding import stream_seed
from experiments.novel_class_discovery.arrays import Labels, Rows
from experiments.novel_class_discovery.constrained_k_means import Labelled, ncd_k_means
from experiments.novel_class_discovery.tabular_ncd.plain_k_means import plain_k_means
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, MethodSettings
from experiments.novel_class_discovery.tabular_ncd.spectral import spectral_embedding
from experiments.novel_class_discovery.tasks import Task


class PlainSpectral:
    """k-means on as many eigenvectors as clusters, of the scored rows alone.

    Classes are counted in the features themselves: the embedding hangs on their number.
    """

    def __init__(self, task: Task, settings: MethodSettings, seed: int) -> None:
        self._task, self._min_dist, self._seed = task, settings.min_dist, seed

    def counted_rows(self) -> Rows:
        """The unlabelled training rows themselves."""
        return self._task.unlabelled

    def cluster(self, clusters: int, estimated: bool, seed: int) -> Labels:
        """k-means in the embedding."""
        min_dist = self._min_dist["estimated" if estimated else "known"]
        start = stream_seed(self._seed, "eigenvectors")
        embedded = spectral_embedding(self._task.evaluated, min_dist, clusters, start)
        return plain_k_means(embedded, clusters, seed)


class NcdSpectral:
    """NCD k-means in an embedding of labelled and scored rows together, the known classes' means fixed.

    With an estimated number k it is k-means of all rows into the known classes and k more.
    """

    def __init__(self, task: Task, trial: Hyperparameters, settings: MethodSettings, seed: int) -> None:
        generator = np.random.default_rng(stream_seed(seed, "rows"))
        places = _balanced(task.labels, settings.labelled_rows, generator)
        context = task.context[generator.permutation(len(task.context))[: settings.context_rows]]
        parts = [task.labelled[places], task.evaluated, *([context] if len(context) else [])]
        embedded = spectral_embedding(
            np.concatenate(parts),
            trial["min_dist"],
            int(trial["components"]),
            stream_seed(seed, "eigenvectors"),
        )
        self._labels = task.labels[places]
        self._known, self._evaluated, _ = np.split(embedded, [len(places), len(places) + len(task.evaluated)])

    def counted_rows(self) -> Rows:
        """The embedded scored rows."""
        return self._evaluated

    def cluster(self, clusters: int, estimated: bool, seed: int) -> Labels:
        """Clusters of the scored rows in the embedding."""
        if estimated:
            everything = np.concatenate([self._known, self._evaluated])
            known = int(self._labels.max()) + 1
            return plain_k_means(everything, known + clusters, seed)[len(self._known) :]
        generator = np.random.default_rng(stream_seed(seed, "k-means"))
        means = Labelled(self._known, self._labels).means()
        return ncd_k_means(self._evaluated, means, clusters, generator).assigned


def _balanced(labels: Labels, most: int | None, generator: np.random.Generator) -> Labels:
    """Places of all rows, or of `most` at random, at least one of each class."""
    order = generator.permutation(len(labels))
    if most is None or most >= len(labels):
        return np.sort(order)
    _, first = np.unique(labels[order], return_index=True)
    others = np.setdiff1d(np.arange(len(order)), first)
    kept = np.concatenate([first, others])[: max(most, len(first))]
    return np.sort(order[kept])
