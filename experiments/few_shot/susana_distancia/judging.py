"""Step `evaluation_<ways>_<shots>`: nearest prototypes on frozen features, and how far apart classes lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import EvaluationSettings


class Settings(EvaluationSettings):
    """Which episodes; conditions name `shots`, `features` and `copies`, as in the track's evaluation.

    Attributes:
        classes: the first so many judged classes, whose images all count for separability.
    """

    classes: int = Field(ge=2)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield accuracy and separability; every arm of a seed meets the same episodes."""
    from experiments.few_shot.baselines import nearest_class_mean
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.evaluation import evaluated
    from experiments.few_shot.susana_distancia.separability import separability

    if len(job.inputs) != 1:
        raise BadInputError(f"Step '{job.step}' evaluates one embedding: name its step under 'needs'.")
    (path,) = job.inputs.values()
    embedding = Embedding.load(path)
    among = embedding.labels < job.settings.classes
    apart = separability(embedding.features[among], embedding.labels[among])
    prototypes = replace(job, implementation=nearest_class_mean)
    for condition in job.conditions:
        result = evaluated(prototypes, embedding, condition)
        yield replace(result, metrics=result.metrics | apart)
