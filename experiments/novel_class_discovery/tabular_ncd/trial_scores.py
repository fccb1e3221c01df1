"""Trying hyperparameters: fit them on one task, score them with the number of classes known and estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from common.runs.job import Job
from common.training.seeding import stream_seed
from experiments.novel_class_discovery.accuracy import clustering_accuracy
from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.tabular_ncd.discoverers import count_classes, fit
from experiments.novel_class_discovery.tabular_ncd.settings import (
    EstimationSettings,
    Hyperparameters,
    MethodSettings,
    SearchSettings,
)
from experiments.novel_class_discovery.tasks import Task

Scores = dict[str, list[float]]  # "known", "estimated" -> accuracy of each trial


def score_trials(
    task: Task,
    truth: Labels,
    trials: Sequence[Hyperparameters],
    settings: MethodSettings,
    estimation: EstimationSettings,
    seed: int,
) -> Scores:
    """Clustering accuracy in percent of each trial on one task.

    TabularNCD's estimate is the same for all trials, as it is made in the features; a second training of each
    for it is spared: its trials are scored with the number known, in both cases.
    """
    true_count = len(np.unique(truth))
    scores: Scores = {"known": [], "estimated": []}
    for fitted in fit(task, trials, settings, seed):
        for given, found in scores.items():
            estimated = given == "estimated" and settings.kind != "tabular_ncd"
            count = count_classes(fitted, estimation, seed).classes if estimated else true_count
            clusters = fitted.cluster(count, estimated, seed)
            found.append(clustering_accuracy(clusters, truth)["accuracy"])
    return scores


def kept_scores(
    job: Job[Any], part: str, task: Task, truth: Labels, trials: Sequence[Hyperparameters]
) -> Scores:
    """`score_trials` as the job's settings say, or what an attempt that was killed had found of that part."""
    settings: SearchSettings = job.settings
    seed = stream_seed(job.seed, part)
    return job.checkpoints.kept(
        part,
        lambda _: score_trials(task, truth, trials, settings.method, settings.search_estimation, seed),
    )


def mean_scores(scores: Sequence[Scores]) -> Scores:
    """Mean over tasks, trial by trial."""
    return {
        given: [float(value) for value in np.mean([each[given] for each in scores], axis=0)]
        for given in ("known", "estimated")
    }
