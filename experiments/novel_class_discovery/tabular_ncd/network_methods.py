"""PBN, the baseline and TabularNCD behind the interface of all methods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from experiments.novel_class_discovery.arrays import Labels, Rows, check_cluster_count
from experiments.novel_class_discovery.tabular_ncd.encoders import encoded, unit_length
from experiments.novel_class_discovery.tabular_ncd.plain_k_means import plain_k_means
from experiments.novel_class_discovery.tabular_ncd.projection import train_projection
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, MethodSettings
from experiments.novel_class_discovery.tabular_ncd.tabular_ncd_network import train_tabular_ncd
from experiments.novel_class_discovery.tasks import Task


class LatentClusters:
    """k-means on the latents of the scored rows, all of them together: transductive."""

    def __init__(self, counted: Rows, evaluated: Rows) -> None:
        self._counted, self._evaluated = counted, evaluated

    def counted_rows(self) -> Rows:
        """Latents of unit length of the unlabelled training rows."""
        return self._counted

    def cluster(self, clusters: int, estimated: bool, seed: int) -> Labels:
        """k-means of the latents of scored rows."""
        return plain_k_means(self._evaluated, clusters, seed)


def fit_projections(
    task: Task, trials: Sequence[Hyperparameters], settings: MethodSettings, seed: int
) -> Iterator[LatentClusters]:
    """Train all trials side by side, and encode the rows."""
    network = train_projection(task, trials, settings.kind == "pbn", settings.training, seed)
    counted = unit_length(encoded(network, task.unlabelled))
    evaluated = encoded(network, task.evaluated)
    clustered = unit_length(evaluated) if settings.latents == "unit" else evaluated
    for one, other in zip(counted, clustered, strict=True):
        yield LatentClusters(one.numpy(), other.numpy())


class HeadClusters:
    """TabularNCD, whose head has as many outputs as there are clusters: trained when their number is named.

    All trials are trained side by side the first time that one of them needs it.
    """

    def __init__(self, place: int, trainings: _Trainings) -> None:
        self._place, self._trainings = place, trainings

    def counted_rows(self) -> Rows:
        """The unlabelled training rows themselves."""
        return self._trainings.task.unlabelled

    def cluster(self, clusters: int, estimated: bool, seed: int) -> Labels:
        """The most probable output of each scored row; the training's own seed is all its chance."""
        found: Labels = self._trainings.clusters(clusters)[self._place]
        return found


def fit_heads(
    task: Task, trials: Sequence[Hyperparameters], settings: MethodSettings, seed: int
) -> Iterator[HeadClusters]:
    """Trials that share their trainings."""
    trainings = _Trainings(task, trials, settings, seed)
    for place in range(len(trials)):
        yield HeadClusters(place, trainings)


class _Trainings:
    """Clusters `[trials, n]` of the scored rows by their number."""

    def __init__(
        self, task: Task, trials: Sequence[Hyperparameters], settings: MethodSettings, seed: int
    ) -> None:
        self.task = task
        self._trials, self._settings, self._seed = trials, settings, seed
        self._found: dict[int, Labels] = {}

    def clusters(self, count: int) -> Labels:
        if count not in self._found:
            check_cluster_count(count, self.task.evaluated, "scored rows")
            network = train_tabular_ncd(self.task, self._trials, count, self._settings.training, self._seed)
            self._found[count] = network.clusters(self.task.evaluated).numpy()
        return self._found[count]
