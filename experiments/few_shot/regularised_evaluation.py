"""Step of logistic regression on frozen features, by the strength C of its fit against its penalty.

A condition names `shots`, `features` and `strength`: a number, or `chosen`, the one of the step's `strengths`
with the highest accuracy on the validation classes of embeddings that were trained without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import EvaluationSettings

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from common.records.schema import Scalar
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.episodes import Episodes

CHOSEN = "chosen"


class Settings(EvaluationSettings):
    """Which episodes, and how a strength is chosen.

    Attributes:
        validation: the step whose embeddings, of all seeds that are gathered, have validation classes; null:
            no strength is chosen.
        validation_episodes: of each of them; with as many ways as there are, up to those of the test.
        strengths: those to choose from.
    """

    validation: str | None = None
    validation_episodes: int = Field(default=2, ge=2)
    strengths: list[float] = Field(default=[1.0], min_length=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield mean accuracy over the episodes for each condition, and the strength that it has."""
    from experiments.few_shot.embeddings import Embedding

    if len(job.inputs) != 1:
        raise BadInputError(f"Step '{job.step}' judges one embedding: name its step under 'needs'.")
    (path,) = job.inputs.values()
    embedding = Embedding.load(path)
    for condition in job.conditions:
        strength = condition["strength"]
        if strength == CHOSEN:
            strength = _chosen(job, str(condition["features"]), int(condition["shots"]))
        yield _judged(job, embedding, condition, float(strength))


def _judged(
    job: Job[Settings], embedding: Embedding, condition: dict[str, Scalar], strength: float
) -> Result:
    from experiments.few_shot.accuracy import accuracy_metrics
    from experiments.few_shot.judgement import episode_facts, episodes_of

    shots, how = int(condition["shots"]), str(condition["features"])
    episodes = episodes_of(embedding, job.settings, shots, job.seed)
    metrics = accuracy_metrics(accuracies(embedding, episodes, how, strength))
    return Result(
        condition, {**metrics, "strength": strength}, episode_facts(embedding, job.settings, shots, how, 0)
    )


def _chosen(job: Job[Settings], how: str, shots: int) -> float:
    """The strength with the highest accuracy on validation classes, the lowest of equal ones."""
    settings = job.settings
    gathered = job.gathered.get(settings.validation or "")
    if not gathered:
        raise BadInputError(
            f"Step '{job.step}' has no validation classes to choose a strength on: name a step under "
            f"'validation' and 'gathers', or the strength in 'conditions'."
        )
    shape = EvaluationSettings(
        ways=settings.ways, queries=settings.queries, episodes=settings.validation_episodes
    )
    found = {
        strength: validation_accuracy(tuple(gathered), shape, how, shots, strength)
        for strength in sorted(settings.strengths)
    }
    return max(found, key=lambda strength: found[strength])


@cache  # the seeds of a process choose by the same artefacts, which don't change while it lasts
def validation_accuracy(
    gathered: tuple[Path, ...], shape: EvaluationSettings, how: str, shots: int, strength: float
) -> float:
    """Mean over the episodes of all embeddings, in 0..1."""
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.judgement import episodes_of

    found = []
    for number, path in enumerate(gathered):
        embedding = Embedding.load(path)
        ways = min(shape.ways, len(embedding.labels.unique()))
        episodes = episodes_of(embedding, shape.model_copy(update={"ways": ways}), shots, number)
        found.append(float(accuracies(embedding, episodes, how, strength).mean()))
    return sum(found) / len(found)


def accuracies(embedding: Embedding, episodes: Episodes, how: str, strength: float) -> Tensor:
    """Of each episode, in 0..1, by logistic regression of that strength."""
    from experiments.few_shot.judgement import frozen_accuracies
    from experiments.few_shot.multinomial import fit

    def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
        return fit(support, labels, strength).logits(queries)

    return frozen_accuracies(classify, embedding, episodes, how, copies=0)
