"""Step `adaptation`: adapt the source network to every corrupted test set, with settings chosen elsewhere.

Conditions are of two splits. On `development` corruptions (the four that are not in the test) each
learning rate of the grid is tried and the error is noted after every epoch; the learning rate and the
number of epochs with the lowest mean error there are then used, unchanged, on every `test` corruption.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.test_time_adaptation.protocol import OfflineFacts
from experiments.test_time_adaptation.settings import MethodSettings
from experiments.test_time_adaptation.shifts import Shift, Trial, read_shift

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

    @model_validator(mode="after")
    def _one_place_of_images(self) -> Settings:
        if (self.corrupted is None) == (self.folder is None):
            raise ValueError("name the images once: 'corrupted', a prepared data set, or 'folder'")
        return self


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield a result for each development cell, choose, then one for each test cell."""
    from experiments.test_time_adaptation.session import open_session

    shifts = [read_shift(condition) for condition in job.conditions]
    _check(job.settings, shifts)
    session = open_session(job)
    curves: dict[float, list[list[float]]] = {}
    for condition, shift in zip(job.conditions, shifts, strict=True):
        if isinstance(shift, Trial):
            errors = session.errors(shift, shift.learning_rate, job.settings.epochs, every_epoch=True)
            curves.setdefault(shift.learning_rate, []).append(errors)
            yield _result(job, condition, session, errors, shift.learning_rate, job.settings.epochs)
    rate, epochs = choose(curves) if curves else (job.settings.learning_rate or 0.0, job.settings.epochs)
    for condition, shift in zip(job.conditions, shifts, strict=True):
        if not isinstance(shift, Trial):
            errors = session.errors(shift, rate, epochs, every_epoch=False)
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


def _check(settings: Settings, shifts: list[Shift]) -> None:
    """Refuse, before anything is loaded, what would only fail after the first test sets."""
    tuned = any(isinstance(shift, Trial) for shift in shifts)
    if tuned and not settings.epochs:
        raise BadInputError(
            "'epochs' is 0, so there is nothing to choose on the development conditions. "
            "Set 'epochs', or leave these conditions out with 'only'."
        )
    if settings.epochs and settings.learning_rate is None and not tuned:
        raise BadInputError("The method learns, but has neither 'learning_rate' nor development conditions.")
    relative = settings.relative_to
    missing = {shift.corruption for shift in shifts} - set(relative) if relative is not None else set()
    if missing:
        raise BadInputError(f"'relative_to' has no published error for {', '.join(sorted(missing))}.")


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
        training_precision=session.source.training_precision,
        batch_size=settings.batch_size,
        statistics=session.statistics,
        adapted=settings.adapted if learns else "nothing",
        settings_chosen_on=("development_corruptions" if tuned else "published")
        if learns
        else "nothing_to_choose",
    )
