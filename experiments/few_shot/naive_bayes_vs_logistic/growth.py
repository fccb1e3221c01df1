"""Step `growth`: how the number of samples needed grows with the number of features."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.few_shot.naive_bayes_vs_logistic.facts import GrowthFacts


class Settings(StrictModel):
    """Nothing to set."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each kind of world, the slopes over the numbers of features that `simulation` tried in it.

    Claim 1 of the paper: linear growth has the slope 1 in log m over log n, logarithmic growth a slope near 0
    (below 1 / ln n, its slope at n, for m = c ln n).
    """
    (path,) = job.inputs.values()
    counts = json.loads(path.read_text())
    for condition in job.conditions:
        chosen = [count for count in counts if _agrees(count, condition)]
        if len({count["features"] for count in chosen}) < 2:
            raise BadInputError(
                f"Step '{job.step}' needs two numbers of features to tell a slope; for {condition} the step "
                f"'simulation' has {len(chosen)}. Add some to its 'features'."
            )
        features, samples = [[count[name] for count in chosen] for name in ("features", "samples")]
        yield Result(
            condition,
            metrics={"log_log_slope": log_log_slope(features, samples)},
            protocol=GrowthFacts(
                classes=int(condition["classes"]),
                covariance=str(condition["covariance"]),
                features=", ".join(map(str, features)),
                repeats=chosen[0]["repeats"],
            ),
        )


def log_log_slope(features: list[float], samples: list[float]) -> float:
    """The exponent a of m = c n^a, by least squares in logarithms."""
    import numpy as np

    slope, _ = np.polyfit(np.log(features), np.log(samples), 1)
    return float(slope)


def _agrees(count: dict[str, Any], condition: dict[str, Any]) -> bool:
    return all(count[name] == value for name, value in condition.items())
