"""Step `averages`: means over data sets, and what choosing on hidden classes gives away beside the oracle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.novel_class_discovery.tabular_ncd.facts import AverageFacts


class Settings(StrictModel):
    """What the discoveries were, for the facts; `oracle`: whether they were made with its choice, too."""

    training: str
    oracle: bool


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each way to give the number of classes, means over all data sets that were run."""
    cells = [cell for path in job.inputs.values() for cell in json.loads(path.read_text())]
    for condition in job.conditions:
        given = str(condition["classes"])
        honest = _by_data_set(cells, given, oracle=False)
        metrics = {
            f"average_{name}": _mean([cell[name] for cell in honest.values()])
            for name in ("accuracy", "class_count_error")
        }
        if job.settings.oracle:
            metrics |= _gaps(honest, _by_data_set(cells, given, oracle=True))
        yield Result(
            condition,
            metrics,
            AverageFacts(
                data_sets=", ".join(sorted(honest)),
                classes_given="known" if given == "known" else "estimated",
                chosen_on=", ".join(sorted({cell.get("chosen_on", "nothing") for cell in honest.values()})),
                training=job.settings.training,
            ),
        )


def _gaps(honest: dict[str, Any], oracle: dict[str, Any]) -> dict[str, float]:
    """The oracle's accuracy, how far it is above, and how far it is away either way, averaged."""
    above = [oracle[name]["accuracy"] - honest[name]["accuracy"] for name in honest]
    return {
        "oracle_accuracy": _mean([cell["accuracy"] for cell in oracle.values()]),
        "oracle_gap": _mean(above),
        "absolute_oracle_gap": _mean([abs(gap) for gap in above]),
    }


def _by_data_set(cells: list[dict[str, Any]], given: str, oracle: bool) -> dict[str, Any]:
    """Data set -> its cell; raises BadInputError where there is none."""
    found = {
        cell["dataset"]: cell
        for cell in cells
        if cell["classes"] == given and (cell.get("chosen_on") == "novel_classes") == oracle
    }
    if not found:
        raise BadInputError(
            f"No discovery has its number of classes {given}{' and is of the oracle' if oracle else ''}; "
            "add the conditions to the step that is averaged."
        )
    return found


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
