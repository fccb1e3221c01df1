"""k-means and NCD k-means on the features themselves, which need no fitting: inductive, as centroids of
training rows classify test rows."""

from __future__ import annotations

import numpy as np

from common.training.seeding import stream_seed
from experiments.novel_class_discovery.arrays import Labels, Rows
from experiments.novel_class_discovery.constrained_k_means import Labelled, ncd_k_means, nearest_centroid
from experiments.novel_class_discovery.tabular_ncd.settings import MethodSettings
from experiments.novel_class_discovery.tasks import Task


class Centroids:
    """Centroids of the unlabelled training rows; NCD k-means draws them away from known classes."""

    def __init__(self, task: Task, settings: MethodSettings) -> None:
        self._task, self._power = task, settings.power
        width = task.labelled.shape[1]
        means = Labelled(task.labelled, task.labels).means()
        self._known = means if settings.kind == "ncd_k_means" else np.empty((0, width))

    def counted_rows(self) -> Rows:
        """The unlabelled training rows themselves."""
        return self._task.unlabelled

    def cluster(self, clusters: int, estimated: bool, seed: int) -> Labels:
        """The nearest of the new centroids of each scored row."""
        generator = np.random.default_rng(stream_seed(seed, "k-means"))
        found = ncd_k_means(self._task.unlabelled, self._known, clusters, generator, power=self._power)
        return nearest_centroid(self._task.evaluated, found.centroids)
