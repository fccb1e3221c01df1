"""Step `retrain`: train from scratch without the forget set, the reference for every unlearning method."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from pydantic import Field

from common.checkpoints import Progress
from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from common.training.settings import DescentSettings
from experiments.unlearning.settings import DataSettings, MembershipSettings

if TYPE_CHECKING:
    from torch import Tensor

    from common.metrics.unlearning import UnlearningScores
    from experiments.unlearning.session import Session


class Retrained(TypedDict):
    """A retrained network's scores, the mean loss of each of its epochs, and how long those took."""

    scores: dict[str, float]
    losses: list[float]
    seconds: float


class Settings(StrictModel):
    """The training is that of the original model."""

    data: DataSettings
    training: DescentSettings
    training_rate: float = Field(gt=0)
    membership: MembershipSettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the scores of a network retrained without each forget set; all of them are the artefact."""
    from common.metrics.unlearning import UnlearningScores
    from experiments.unlearning.evaluation import compare
    from experiments.unlearning.facts import unlearning_facts
    from experiments.unlearning.session import open_session

    session = open_session(job)
    retrained: dict[str, Retrained] = {}
    for condition in job.conditions:
        forget, key = session.forget(condition), condition_key(condition)
        found = job.checkpoints.kept(key, partial(_retrain, session, forget))
        retrained[key] = found
        scores = UnlearningScores(**found["scores"])
        yield Result(
            condition=condition,
            metrics=compare(scores, scores),
            protocol=unlearning_facts(session, forget, "nothing_to_choose"),
            curves={"training_loss": found["losses"]},
            timings={"unlearning": found["seconds"]},
        )
    if job.artefact is not None:
        job.artefact.write_text(json.dumps({key: found["scores"] for key, found in retrained.items()}))


def _retrain(session: Session, forget: Tensor, progress: Progress) -> Retrained:
    from common.training.descent import Descent
    from common.training.seeding import generator
    from experiments.unlearning.evaluation import evaluate

    settings, seed, clock = session.settings, session.job.seed, session.job.checkpoints.spent
    _, retain = session.splits.forget_and_retain(forget)
    # The same start and order of chance for every forget set: their differences are less noisy.
    network = session.fresh_network("retrain")
    start = clock()
    losses = Descent(network, settings.training, settings.training_rate).run(
        retain, generator(seed, "retrain"), progress
    )
    seconds = clock().since(start).seconds
    scores = evaluate(network, session.splits, forget, settings.membership, seed)
    return {"scores": asdict(scores), "losses": losses, "seconds": seconds}


def read_retrained(path: Path, condition: dict[str, Scalar]) -> UnlearningScores:
    """Retrain's scores on the condition's forget set; raises BadInputError where it wasn't retrained."""
    from common.metrics.unlearning import UnlearningScores

    saved = json.loads(path.read_text())
    key = condition_key(condition)
    if key not in saved:
        raise BadInputError(
            f"{path} has no network retrained without {key}; it has {', '.join(saved)}. "
            f"Add it to the conditions of the step that makes this file."
        )
    return UnlearningScores(**saved[key])


def condition_key(condition: dict[str, Scalar]) -> str:
    """The forget set's kind and ratio."""
    return f"{condition['forget_set']} {condition['ratio']}"
