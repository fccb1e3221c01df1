"""Step `retrain`: train from scratch without the forget set, the reference for every unlearning method."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from common.training.settings import DescentSettings
from experiments.unlearning.settings import DataSettings, MembershipSettings

if TYPE_CHECKING:
    from common.metrics.unlearning import UnlearningScores


class Settings(StrictModel):
    """The training is that of the original model."""

    data: DataSettings
    training: DescentSettings
    training_rate: float = Field(gt=0)
    membership: MembershipSettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the scores of a network retrained without each forget set; all of them are the artefact."""
    import time

    from common.training.descent import Descent
    from common.training.seeding import generator
    from experiments.unlearning.evaluation import compare, evaluate
    from experiments.unlearning.facts import unlearning_facts
    from experiments.unlearning.session import open_session

    session, settings = open_session(job), job.settings
    scores: dict[str, UnlearningScores] = {}
    for condition in job.conditions:
        forget = session.forget(condition)
        _, retain = session.splits.forget_and_retain(forget)
        # The same start and order of chance for every forget set: their differences are less noisy.
        network = session.fresh_network("retrain")
        started = time.perf_counter()
        losses = Descent(network, settings.training, settings.training_rate).run(
            retain, generator(job.seed, "retrain")
        )
        seconds = time.perf_counter() - started
        found = evaluate(network, session.splits, forget, settings.membership, job.seed)
        scores[condition_key(condition)] = found
        yield Result(
            condition=condition,
            metrics=compare(found, found),
            protocol=unlearning_facts(session, forget, "nothing_to_choose"),
            curves={"training_loss": losses},
            timings={"unlearning": seconds},
        )
    if job.artefact is not None:
        job.artefact.write_text(json.dumps({key: asdict(value) for key, value in scores.items()}))


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
