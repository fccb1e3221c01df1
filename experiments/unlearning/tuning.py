"""Step `tuning`: each learning rate of the grid on a forget set that is not the test's.

As in the paper: the rate with the smallest average gap on a separate random set is then used, unchanged,
on every other forget set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from common.training.settings import DescentSettings
from experiments.unlearning.protocol import SettingsChosenOn
from experiments.unlearning.settings import DataSettings, MembershipSettings, MethodSettings


class Settings(StrictModel):
    """What is unlearned from, and how; the rates are conditions."""

    data: DataSettings
    training: DescentSettings
    training_rate: float = Field(gt=0)
    membership: MembershipSettings
    method: MethodSettings
    chosen_on: SettingsChosenOn


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield a result for each learning rate; the average gap of each is the artefact."""
    from experiments.unlearning.attempt import attempt
    from experiments.unlearning.facts import unlearning_facts
    from experiments.unlearning.session import open_session

    session = open_session(job)
    gaps: dict[str, float] = {}
    for condition in job.conditions:
        rate = float(condition["learning_rate"])
        tried = attempt(session, condition, job.settings.method, rate)
        gaps[repr(rate)] = tried.metrics()["average_gap"]
        yield Result(
            condition=condition,
            metrics=tried.metrics(),
            protocol=unlearning_facts(session, tried.forget, job.settings.chosen_on, job.settings.method),
            timings={"unlearning": tried.seconds},
        )
    if job.artefact is not None:
        job.artefact.write_text(json.dumps(gaps))


def chosen_learning_rate(paths: Sequence[Path]) -> float:
    """The rate with the smallest average gap, averaged over the tunings of several seeds.

    Raises BadInputError where there is none, or where they tried different rates.
    """
    tunings = [json.loads(path.read_text()) for path in paths]
    if not tunings:
        raise BadInputError("The method learns: give it a 'learning_rate', or gather a step that tunes it.")
    if any(tuning.keys() != tunings[0].keys() for tuning in tunings):
        raise BadInputError(f"{', '.join(map(str, paths))} tried different learning rates; tune again.")
    return min(map(float, tunings[0]), key=lambda rate: fmean(tuning[repr(rate)] for tuning in tunings))
