"""Discovering the novel classes of one data set, and what is measured of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from common.checkpoints import Progress
from common.training.seeding import stream_seed
from experiments.novel_class_discovery.accuracy import agreement, class_count_error, clustering_accuracy
from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.matching import match
from experiments.novel_class_discovery.tabular_ncd.data_sets import TabularSet
from experiments.novel_class_discovery.tabular_ncd.discoverers import Fitted, count_classes, fit
from experiments.novel_class_discovery.tabular_ncd.discovery import Cell, Settings
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters

Discovery = tuple[dict[str, float], dict[str, list[float]]]  # metrics and curves of one cell


def discoveries(
    data: TabularSet,
    cells: Sequence[Cell],
    chosen: Sequence[Hyperparameters],
    settings: Settings,
    seed: int,
    _: Progress,
) -> list[Discovery]:
    """One discovery per cell, in order; equal hyperparameters share one fit, and all are fitted together."""
    trials = list({repr(sorted(each.items())): each for each in chosen}.values())
    fits = fit(data.task(), trials, settings.method, stream_seed(seed, "discovery"))
    return [
        _discovery(data, cell, fits[trials.index(hyperparameters)], settings, seed)
        for cell, hyperparameters in zip(cells, chosen, strict=True)
    ]


def _discovery(data: TabularSet, cell: Cell, fitted: Fitted, settings: Settings, seed: int) -> Discovery:
    count, curves = len(data.novel), {}
    if cell.classes == "estimated":
        estimate = count_classes(fitted, settings.method.estimation, seed)
        count = estimate.classes
        curves = {"tried": [float(tried) for tried in estimate.tried], "silhouettes": estimate.silhouettes}
    seeds = [stream_seed(seed, f"run {run}") for run in range(settings.runs)]
    found = [fitted.cluster(count, cell.classes == "estimated", each) for each in seeds]
    measured = [clustering_accuracy(each, data.truth) | agreement(each, data.truth) for each in found]
    metrics = {name: float(np.mean([each[name] for each in measured])) for name in measured[0]}
    counted = class_count_error(count, len(data.novel))
    return metrics | counted, curves | {"confusion": confusion(found[0], data.truth)}


def confusion(clusters: Labels, truth: Labels) -> list[float]:
    """Counts of true class (rows) and matched class (columns, one more for clusters without), row by row."""
    matching = match(clusters, truth)
    guessed = matching.translated(clusters)
    classes = matching.classes
    columns = np.where(guessed < 0, len(classes), np.searchsorted(classes, guessed))
    places = np.searchsorted(classes, truth) * (len(classes) + 1) + columns
    return [float(count) for count in np.bincount(places, minlength=len(classes) * (len(classes) + 1))]
