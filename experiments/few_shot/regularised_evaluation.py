"""Step of logistic regression on frozen features, by the strength C of its fit against its penalty.

A condition names `shots`, `features` and `strength`: a number, or `chosen`, the one of the step's `strengths`
with the highest accuracy on the validation classes of an embedding that was trained without them.
"""

from __future__ import annotations

from collections.abc import Iterator
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
        validation: the step whose embedding has validation classes, judged by as many episodes; null: no
            strength is chosen.
        strengths: those to choose from.
    """

    validation: str | None = None
    strengths: list[float] = Field(default=[1.0], min_length=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield mean accuracy over the episodes for each condition, and the strength that it has."""
    from experiments.few_shot.embeddings import Embedding

    validation = job.inputs.get(job.settings.validation or "")
    judged = [path for path in job.inputs.values() if path != validation]
    if len(judged) != 1:
        raise BadInputError(
            f"Step '{job.step}' judges one embedding besides that of 'validation': name both under 'needs'."
        )
    embedding = Embedding.load(judged[0])
    for condition in job.conditions:
        strength = condition["strength"]
        if strength == CHOSEN:
            strength = _chosen(job, validation, condition)
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


def _chosen(job: Job[Settings], validation: Path | None, condition: dict[str, Scalar]) -> float:
    """The strength with the highest accuracy on validation classes, the lower of equal ones."""
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.judgement import episodes_of

    if validation is None:
        raise BadInputError(
            f"Step '{job.step}' has no validation classes to choose a strength on: name a step under "
            f"'validation' and 'needs', or the strength in 'conditions'."
        )
    embedding = Embedding.load(validation)
    ways = min(job.settings.ways, len(embedding.labels.unique()))
    settings = job.settings.model_copy(update={"ways": ways})
    episodes = episodes_of(embedding, settings, int(condition["shots"]), job.seed)
    found = {
        strength: float(accuracies(embedding, episodes, str(condition["features"]), strength).mean())
        for strength in sorted(job.settings.strengths)
    }
    return max(found, key=lambda strength: found[strength])


def accuracies(embedding: Embedding, episodes: Episodes, how: str, strength: float) -> Tensor:
    """Of each episode, in 0..1, by logistic regression of that strength."""
    from experiments.few_shot.judgement import frozen_accuracies
    from experiments.few_shot.multinomial import fit

    def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
        return fit(support, labels, strength).logits(queries)

    return frozen_accuracies(classify, embedding, episodes, how, copies=0)
