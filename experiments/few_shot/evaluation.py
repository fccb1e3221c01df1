"""Step `evaluation`: a base learner on frozen features; all learners of a seed meet the same episodes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.protocol import EpisodeFacts
from experiments.few_shot.settings import EvaluationSettings

if TYPE_CHECKING:
    from torch import Tensor

    from common.records.schema import Scalar
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.episodes import Episodes


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

    Where features are normalised, the same episodes are classified on features as they are, too.
    """
    from experiments.few_shot.accuracy import accuracy_metrics

    settings, how, count = job.settings, str(condition["features"]), int(condition["copies"])
    episodes = _episodes(job, embedding, int(condition["shots"]))
    since = time.perf_counter()
    accuracies = _accuracies(job, embedding, episodes, how, count)
    timings = {"classification": time.perf_counter() - since}
    metrics = accuracy_metrics(accuracies)
    if how != "raw":
        gains = accuracies - _accuracies(job, embedding, episodes, "raw", count)
        metrics["gain_of_normalisation"] = 100 * float(gains.mean())
    facts = EpisodeFacts(
        **embedding.facts.model_dump(),
        test_images=len(embedding.labels),
        ways=settings.ways,
        shots=int(condition["shots"]),
        queries=settings.queries,
        episodes=settings.episodes,
        inference="inductive",
        normalisation="running_statistics",
        features=how,
        support_copies=count,
    )
    return Result(condition, metrics, facts, timings=timings)


def _episodes(job: Job[Any], embedding: Embedding, shots: int) -> Episodes:
    """The same for every learner of a seed, so that they can be compared in pairs."""
    from common.training.seeding import generator
    from experiments.few_shot.episodes import EpisodeShape, sample_episodes

    shape = EpisodeShape(job.settings.ways, shots, job.settings.queries)
    draws = generator(job.seed, f"test episodes of {shots} shots")
    return sample_episodes(embedding.labels, shape, job.settings.episodes, draws)


def _accuracies(job: Job[Any], embedding: Embedding, episodes: Episodes, how: str, copies: int) -> Tensor:
    """Of each episode, float64 `[episodes]`."""
    from experiments.few_shot.accuracy import episode_accuracies
    from experiments.few_shot.features import gather, normalised

    features = normalised(embedding.features, how, embedding.base_mean)
    augmented = embedding.with_copies(copies)
    if augmented is not None:
        augmented = normalised(augmented, how, embedding.base_mean)
    assert job.implementation is not None  # the step's methods are modules
    classify = job.implementation.classify
    return episode_accuracies(classify, gather(features, episodes, augmented), job.settings.queries)
