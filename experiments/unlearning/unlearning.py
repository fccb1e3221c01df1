"""Step `unlearning`: run a method on every forget set, with the learning rate chosen elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel
from common.training.settings import DescentSettings
from experiments.unlearning.protocol import SettingsChosenOn
from experiments.unlearning.settings import DataSettings, MembershipSettings, MethodSettings


class Settings(StrictModel):
    """What is unlearned from, and how.

    Attributes:
        learning_rate: where it isn't chosen by a step of tuning.
        chosen_on: the forget set of that step.
    """

    data: DataSettings
    training: DescentSettings
    training_rate: float = Field(gt=0)
    membership: MembershipSettings
    method: MethodSettings = MethodSettings()
    learning_rate: float | None = Field(default=None, gt=0)
    chosen_on: SettingsChosenOn = "given"


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the scores of the method on each forget set, and its gaps to Retrain."""
    from experiments.unlearning.attempt import attempt, implementation
    from experiments.unlearning.facts import unlearning_facts
    from experiments.unlearning.session import open_session

    session = open_session(job)
    rate = learning_rate(job, implementation(session).LEARNS)
    chosen_on = "nothing_to_choose" if rate is None else job.settings.chosen_on
    for condition in job.conditions:
        done = attempt(session, condition, job.settings.method, rate)
        yield Result(
            condition=condition,
            metrics={**done.metrics(), "learning_rate": rate or 0.0},
            protocol=unlearning_facts(session, done.forget, chosen_on, job.settings.method),
            timings={"unlearning": done.seconds},
        )


def learning_rate(job: Job[Settings], learns: bool) -> float | None:
    """The method's rate: as set, or as the gathered tunings have it; None where it doesn't learn."""
    from experiments.unlearning.tuning import chosen_learning_rate

    if not learns:
        return None
    if job.settings.learning_rate is not None:
        return job.settings.learning_rate
    return chosen_learning_rate([path for paths in job.gathered.values() for path in paths])
