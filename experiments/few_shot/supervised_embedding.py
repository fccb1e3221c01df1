"""Step `embedding`: train a classifier of all base classes, and keep what lies below its last layer."""

from __future__ import annotations

from collections.abc import Iterator

from common.runs.job import Job, Result
from experiments.few_shot.settings import SupervisedSettings


class Settings(SupervisedSettings):
    """What is trained, and how."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the embedding as the artefact, and yield accuracies on base classes."""
    from experiments.few_shot.supervised import learn, open_study

    trained = job.settings.training is not None
    yield learn(job, open_study(job), f"{job.settings.head} classifier" if trained else "none")
