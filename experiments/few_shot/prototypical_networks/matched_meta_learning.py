"""Step `matched_meta_learning`: MAML and ANIL, trained anew for each number of ways and shots of the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel
from experiments.few_shot import gradient_meta_learning


class Adaptation(StrictModel):
    """How a network adapts to tasks of so many ways; as in `gradient_meta_learning`."""

    inner_steps: int = Field(ge=0)
    test_steps: int = Field(ge=0)
    inner_rate: float = Field(gt=0)


class Settings(gradient_meta_learning.Settings):
    """What is trained, and how it adapts; conditions name `ways` and `shots`, of training and test.

    Attributes:
        by_ways: ways -> how to adapt, where it is not as for all others.
    """

    by_ways: dict[int, Adaptation] = {}

    def matched(self, ways: int, shots: int) -> gradient_meta_learning.Settings:
        """Those of a training on tasks of one shape."""
        changes: dict[str, Any] = {
            "tasks": self.tasks.model_copy(update={"ways": ways, "shots": shots}),
            "evaluation": self.evaluation.model_copy(update={"ways": ways}),
        }
        if ways in self.by_ways:
            changes |= self.by_ways[ways].model_dump()
        return self.model_copy(update=changes)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train and test for each condition."""
    for condition in job.conditions:
        settings = job.settings.matched(int(condition["ways"]), int(condition["shots"]))
        yield from gradient_meta_learning.run(replace(job, settings=settings, conditions=[condition]))  # type: ignore[arg-type]
