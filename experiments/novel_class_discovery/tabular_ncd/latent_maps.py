"""Step `latent_maps`: how known and novel classes move in PBN's latent space as it is trained."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from common.runs.job import Job, Result
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, StepSettings


class Settings(StepSettings):
    """PBN's hyperparameters, at how many steps rows are looked at, and how many rows of test."""

    hyperparameters: Hyperparameters
    at_steps: list[int] = Field(min_length=1)
    shown: int = Field(ge=3)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield coordinates on two principal components of the last latents, and how pure neighbours are."""
    from experiments.novel_class_discovery.tabular_ncd.data_sets import load_set
    from experiments.novel_class_discovery.tabular_ncd.facts import latent_facts
    from experiments.novel_class_discovery.tabular_ncd.latent_pictures import pictures

    for condition in job.conditions:
        data = load_set(str(condition["dataset"]), job.root, job.seed, job.folders, job.settings.most_rows)
        curves, metrics = pictures(data, job.settings, job.seed)
        yield Result(condition, metrics, latent_facts(data, job.settings), curves)
