"""Chosen hyperparameters in a file: what a search leaves for later steps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from common.strict import BadInputError, StrictModel, suggest, validate
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters

PREFIXES = {"known": "chosen_known_", "estimated": "chosen_estimated_"}  # of metrics


class Choice(StrictModel):
    """All trials of a search on one data set, their scores, and what was chosen.

    `scores` and `chosen` are by whether the number of novel classes is "known" or "estimated".
    """

    trials: list[Hyperparameters]
    scores: dict[str, list[float]]
    chosen: dict[str, Hyperparameters]

    def chosen_values(self) -> dict[str, float]:
        """What was chosen as metrics of a record, such as `chosen_known_dropout`."""
        return {
            f"{PREFIXES[given]}{name}": float(value)
            for given, values in self.chosen.items()
            for name, value in values.items()
        }


class _Choices(StrictModel):
    by_data_set: dict[str, Choice]


def choose(trials: Sequence[Hyperparameters], scores: Mapping[str, Sequence[float]]) -> Choice:
    """The trial of the highest score in each case; the first of equal ones."""
    chosen = {
        given: trials[max(range(len(trials)), key=lambda place: found[place])]
        for given, found in scores.items()
    }
    return Choice(
        trials=[*trials], scores={given: [*found] for given, found in scores.items()}, chosen=chosen
    )


def write_choices(path: Path | None, choices: dict[str, Choice], step: str) -> None:
    """Write the choices of all data sets; raises BadInputError where the step has no artefact for them."""
    if path is None:
        raise BadInputError(f"Step '{step}' has no 'artefact' to keep its choices in: name it choices.json.")
    path.write_text(_Choices(by_data_set=choices).model_dump_json(indent=1))


def read_choice(path: Path, dataset: str) -> Choice:
    """The choice on a data set; raises BadInputError where the search had no such data set."""
    found = validate(_Choices, json.loads(path.read_text()), str(path)).by_data_set
    if dataset not in found:
        raise BadInputError(f"{path} has no choice for '{dataset}'.{suggest(dataset, found)}")
    return found[dataset]
