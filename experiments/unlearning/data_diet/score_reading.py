"""The scores that a step reads of the step `scores`, checked against the job's own examples and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common.runs.job import Job
from common.strict import BadInputError
from experiments.unlearning.data_diet.laboratory import Laboratory
from experiments.unlearning.score_arrays import ScoreFile, Scores


def mean_scores(
    job: Job[Any], laboratory: Laboratory, score: str, epoch: int, networks: int | None = None
) -> Scores:
    """Float64 `[n]`, by default the mean over all networks; raises BadInputError for scores of other data."""
    path = score_path(job)
    file = ScoreFile(path, laboratory.study.data_hash, len(laboratory.train))
    if file.manifest.label_noise != job.settings.label_noise:
        raise BadInputError(
            f"{path} has scores under label noise of {file.manifest.label_noise:g}, and 'label_noise' is "
            f"{job.settings.label_noise:g}; make the two agree."
        )
    return file.values(score, epoch, networks)


def score_path(job: Job[Any]) -> Path:
    """The file of scores among the job's inputs; raises BadInputError where there is none."""
    for step, path in job.inputs.items():
        if step.endswith("scores"):
            return path
    raise BadInputError(f"Step '{job.step}' ranks by a score: let 'needs' name the step that scores.")
