"""One attempt at unlearning: run a method on a forget set, and measure how far it is from Retrain."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from common.checkpoints import Progress
from common.metrics.unlearning import UnlearningScores
from common.records.schema import Scalar
from common.runs.conditions import condition_name
from experiments.unlearning.evaluation import compare, evaluate
from experiments.unlearning.retraining import read_retrained
from experiments.unlearning.session import Session, artefact
from experiments.unlearning.settings import MethodSettings
from experiments.unlearning.task import Task, Unlearner

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Attempt:
    """The scores after unlearning, those of Retrain, and how long unlearning took, in seconds."""

    scores: UnlearningScores
    retrained: UnlearningScores
    forget: Tensor
    seconds: float

    def metrics(self) -> dict[str, float]:
        """As `compare` has them."""
        return compare(self.scores, self.retrained)


def attempt(
    session: Session, condition: dict[str, Scalar], method: MethodSettings, learning_rate: float | None
) -> Attempt:
    """Unlearn the condition's forget set with the job's method, and evaluate."""
    job, forget = session.job, session.forget(condition)

    def unlearned(progress: Progress) -> dict[str, float]:
        start = job.checkpoints.spent()
        network = implementation(session).unlearn(_task(session, forget, method, learning_rate, progress))
        seconds = job.checkpoints.spent().since(start).seconds
        scores = evaluate(network, session.splits, forget, session.settings.membership, job.seed)
        return {"seconds": seconds, **asdict(scores)}

    scores = dict(job.checkpoints.kept(condition_name(condition), unlearned))
    seconds = scores.pop("seconds")
    retrained = read_retrained(artefact(job, "retrained.json"), condition)
    return Attempt(UnlearningScores(**scores), retrained, forget, seconds)


def _task(
    session: Session, forget: Tensor, method: MethodSettings, learning_rate: float | None, progress: Progress
) -> Task:
    settings = session.settings
    forget_images, retain_images = session.splits.forget_and_retain(forget)
    return Task(
        original=session.original.network,
        initialise=session.fresh_network,
        forget=forget_images,
        retain=retain_images,
        classes=settings.data.classes,
        settings=method,
        learning_rate=learning_rate,
        training=(settings.training, settings.training_rate),
        seed=session.job.seed,
        progress=progress,
    )


def implementation(session: Session) -> Unlearner:
    """The method's module."""
    method: Unlearner = session.job.implementation  # type: ignore[assignment]
    return method
