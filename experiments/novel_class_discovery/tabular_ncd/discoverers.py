"""The seven methods behind one interface: fit several trials, count classes, cluster the scored rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from common.training.seeding import stream_seed
from experiments.novel_class_discovery.arrays import Labels, Rows
from experiments.novel_class_discovery.silhouettes import CountEstimate, estimate_classes
from experiments.novel_class_discovery.tabular_ncd.search_space import check_complete
from experiments.novel_class_discovery.tabular_ncd.settings import (
    EstimationSettings,
    Hyperparameters,
    MethodSettings,
)
from experiments.novel_class_discovery.tasks import Task


class Fitted(Protocol):
    """One trial after fitting."""

    def counted_rows(self) -> Rows:
        """The rows `[n, d]` in which classes are counted, by silhouettes."""

    def cluster(self, clusters: int, estimated: bool, seed: int) -> Labels:
        """So many clusters of the scored rows; `estimated`: the number wasn't told but counted."""


def fit(task: Task, trials: Sequence[Hyperparameters], settings: MethodSettings, seed: int) -> list[Fitted]:
    """Fit each trial, networks side by side; raises BadInputError for hyperparameters that don't fit."""
    for trial in trials:
        check_complete(settings.kind, trial)
    match settings.kind:
        case "k_means" | "ncd_k_means":
            from experiments.novel_class_discovery.tabular_ncd.centroid_methods import Centroids

            return [Centroids(task, settings) for _ in trials]
        case "spectral_clustering":
            from experiments.novel_class_discovery.tabular_ncd.spectral_methods import PlainSpectral

            return [PlainSpectral(task, settings, seed) for _ in trials]
        case "ncd_spectral_clustering":
            from experiments.novel_class_discovery.tabular_ncd.spectral_methods import NcdSpectral

            return [NcdSpectral(task, trial, settings, seed) for trial in trials]
        case "tabular_ncd":
            from experiments.novel_class_discovery.tabular_ncd.network_methods import fit_heads

            return [*fit_heads(task, trials, settings, seed)]
        case "pbn" | "baseline":
            from experiments.novel_class_discovery.tabular_ncd.network_methods import fit_projections

            return [*fit_projections(task, trials, settings, seed)]


def count_classes(fitted: Fitted, settings: EstimationSettings, seed: int) -> CountEstimate:
    """The number of classes among the rows to be counted, by silhouettes."""
    generator = np.random.default_rng(stream_seed(seed, "counting"))
    return estimate_classes(
        fitted.counted_rows(), generator, settings.most, settings.runs, settings.most_rows
    )
