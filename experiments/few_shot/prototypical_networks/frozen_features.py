"""Step `frozen_features`: a classifier on the embedding of an earlier step, for each number of ways."""

from __future__ import annotations

from collections.abc import Iterator

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.prototypical_networks.settings import Frozen, TestSettings


class Settings(TestSettings):
    """Which episodes; conditions name `ways`, `shots` and `features`."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the accuracy for each condition."""
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.prototypical_networks.trial import trial

    if len(job.inputs) != 1:
        raise BadInputError(f"Step '{job.step}' tests one embedding: name its step under 'needs'.")
    (path,) = job.inputs.values()
    embedding = Embedding.load(path)
    frozen = Frozen(embedding.features, embedding.labels, embedding.base_mean, embedding.facts)
    assert job.implementation is not None  # the step's methods are modules
    for condition in job.conditions:
        yield trial(job.implementation.classify, frozen, job.settings, condition, job.seed)
