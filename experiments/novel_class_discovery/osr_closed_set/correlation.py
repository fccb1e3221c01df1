"""Step: how closed-set accuracy and AUROC go together over the networks of one split."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import Field

from common.records.schema import Name
from common.runs.job import Job, Result
from common.strict import StrictModel
from experiments.novel_class_discovery.osr_closed_set.facts import CorrelationFacts


class Settings(StrictModel):
    """Which networks count.

    Attributes:
        networks: their names; those of the earlier step that aren't named, such as an untrained one, don't.
        best: of them, so many of the highest closed-set accuracy are looked at by themselves, too.
    """

    networks: list[Name] = Field(min_length=3)
    best: int = Field(ge=3)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each score, correlations and the fitted line over the networks of this seed's split."""
    from experiments.novel_class_discovery.osr_closed_set.linear_relation import relation
    from experiments.novel_class_discovery.osr_closed_set.network_points import best_points, read_points

    settings = job.settings
    (path,) = job.inputs.values()
    judged = json.loads(path.read_text())
    for condition in job.conditions:
        points = read_points(judged["cells"], settings.networks, str(condition["score"]))
        best = relation(best_points(points, settings.best))
        metrics = {**relation(points), "pearson_of_best": best["pearson"]}
        yield Result(
            condition,
            metrics,
            CorrelationFacts(
                dataset=judged["dataset"],
                score=str(condition["score"]),
                networks=len(points),
                splits=1,
                points="networks of one split",
            ),
        )
