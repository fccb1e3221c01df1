"""Step `evaluation`: a base learner on frozen features; all learners of a seed meet the same episodes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import EvaluationSettings

if TYPE_CHECKING:
    from common.records.schema import Scalar
    from experiments.few_shot.embeddings import Embedding


class Settings(EvaluationSettings):
    """Which episodes; conditions name `shots`, `features` and `copies` of each support image."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield mean accuracy over the episodes for each condition, and its error."""
    from experiments.few_shot.embeddings import Embedding

    if len(job.inputs) != 1:
        raise BadInputError(f"Step '{job.step}' evaluates one embedding: name its step under 'needs'.")
    (path,) = job.inputs.values()
    embedding = Embedding.load(path)
    for condition in job.conditions:
        yield evaluated(job, embedding, condition)


def evaluated(job: Job[Any], embedding: Embedding, condition: dict[str, Scalar]) -> Result:
    """One condition: all episodes as one tensor program.

    Where features are normalised, and supports as they are, the same episodes are classified on features as
    they are, too.
    """
    from experiments.few_shot.accuracy import accuracy_metrics
    from experiments.few_shot.judgement import episode_facts, episodes_of, frozen_accuracies

    shots, how, copies = int(condition["shots"]), str(condition["features"]), int(condition["copies"])
    episodes = episodes_of(embedding, job.settings, shots, job.seed)
    assert job.implementation is not None  # the step's methods are modules
    classify = job.implementation.classify
    since = time.perf_counter()
    accuracies = frozen_accuracies(classify, embedding, episodes, how, copies)
    timings = {"classification": time.perf_counter() - since}
    metrics = accuracy_metrics(accuracies)
    if how != "raw" and not copies:
        gains = accuracies - frozen_accuracies(classify, embedding, episodes, "raw", copies)
        metrics["gain_of_normalisation"] = 100 * float(gains.mean())
    facts = episode_facts(embedding, job.settings, shots, how, copies)
    return Result(condition, metrics, facts, timings=timings)
