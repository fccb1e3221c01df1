"""Step `adaptation`: adapt the source network to every corrupted test set, with settings chosen elsewhere.

Conditions are of two splits. On `development` corruptions (the four that are not in the test) each
learning rate of the grid is tried and the error is noted after every epoch; the learning rate and the
number of epochs with the lowest mean error there are then used, unchanged, on every `test` corruption.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.test_time_adaptation.protocol import OfflineFacts
from experiments.test_time_adaptation.settings import MethodSettings

if TYPE_CHECKING:
    from experiments.test_time_adaptation.session import Session

Condition = dict[str, Scalar]


class Settings(MethodSettings):
    """What is adapted to, besides how.

    Attributes:
        dataset: name for the protocol facts, e.g. CIFAR-10-C.
        corrupted: the prepared data set of corrupted images; null where a folder is read.
        folder: name of the folder that the user gives; null where prepared data are read.
        development_images, test_images: [first, last) of each corrupted set; null for all.
        pretrained: name of a timm network with published weights, where no step trains one.
        relative_to: published error per corruption by which errors are divided (ImageNet-C's mCE).
    """

    dataset: str
    corrupted: str | None = None
    folder: str | None = None
    corrupted_images: Literal["released", "regenerated"]
    development_images: tuple[int, int] | None = None
    test_images: tuple[int, int] | None = None
    batch_size: int = Field(ge=2)
    pretrained: str | None = None
    relative_to: dict[str, float] | None = None


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield a result for each development cell, choose, then one for each test cell."""
    from experiments.test_time_adaptation.session import open_session

    session = open_session(job)
    curves: dict[float, list[list[float]]] = {}
    for condition in job.conditions:
        if condition["split"] == "development":
            rate = float(condition["learning_rate"])
            errors = session.errors(condition, rate, job.settings.epochs, every_epoch=True)
            curves.setdefault(rate, []).append(errors)
            yield _result(job, condition, session, errors, rate, job.settings.epochs)
    rate, epochs = choose(curves) if curves else _given(job.settings)
    for condition in job.conditions:
        if condition["split"] == "test":
            errors = session.errors(condition, rate, epochs, every_epoch=False)
            yield _result(job, condition, session, errors, rate, epochs)


def choose(curves: dict[float, list[list[float]]]) -> tuple[float, int]:
    """The learning rate and number of epochs (one or more) with the lowest mean error.

    Args:
        curves: learning rate -> for each development set, its error after epoch 0, 1, 2, ...
    """
    mean_error = {
        (rate, epoch): sum(errors[epoch] for errors in sets) / len(sets)
        for rate, sets in curves.items()
        for epoch in range(1, len(sets[0]))
    }
    return min(mean_error, key=lambda setting: mean_error[setting])


def _given(settings: Settings) -> tuple[float, int]:
    if settings.epochs and settings.learning_rate is None:
        raise BadInputError("The method learns, but has neither 'learning_rate' nor development conditions.")
    return settings.learning_rate or 0.0, settings.epochs


def _result(
    job: Job[Settings], condition: Condition, session: Session, errors: list[float], rate: float, epochs: int
) -> Result:
    metrics = {"error_percent": errors[-1], "epochs": float(epochs), "learning_rate": rate}
    if job.settings.relative_to is not None:
        published = job.settings.relative_to[str(condition["corruption"])]
        metrics["relative_error_percent"] = errors[-1] / published
    curves = {"error_percent": errors} if len(errors) > 1 else None
    return Result(condition, metrics, _facts(job, condition, session), curves)


def _facts(job: Job[Settings], condition: Condition, session: Session) -> OfflineFacts:
    settings = job.settings
    severities = sorted({int(c["severity"]) for c in job.conditions if c["split"] == condition["split"]})
    learns = settings.epochs > 0
    tuned = any(c["split"] == "development" for c in job.conditions)
    return OfflineFacts(
        dataset=settings.dataset,
        corrupted_images=settings.corrupted_images,
        images=session.image_count,
        resolution=session.resolution,
        severities=",".join(map(str, severities)),
        network=session.source.name,
        weights=session.source.weights,
        batch_size=settings.batch_size,
        statistics=session.statistics,
        adapted=settings.adapted if learns else "nothing",
        settings_chosen_on=("development_corruptions" if tuned else "published")
        if learns
        else "nothing_to_choose",
    )
