"""Step `discovery`: the novel classes of the test rows, with hyperparameters from a search or given ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Literal

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, suggest, validate
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, StepSettings


class Settings(StepSettings):
    """A method and how often it clusters.

    Attributes:
        runs: clusterings of one fit, whose metrics are averaged.
        searches: what a condition's `chosen_on` says -> the step whose artefact has the choice.
        given: hyperparameters where no search is read, by data set and by whether the number of classes is
            "known" or "estimated".
    """

    runs: int = Field(default=1, ge=1)
    searches: dict[str, str] = {}
    given: dict[str, dict[str, Hyperparameters]] = {}


class Cell(StrictModel):
    """One condition; `chosen_on`: what the hyperparameters were chosen on, `nothing` where there are none."""

    dataset: str
    classes: Literal["known", "estimated"]
    chosen_on: str = "nothing"


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield accuracy, agreement and the number of classes; accuracies are the artefact, if there is one."""
    from experiments.novel_class_discovery.tabular_ncd.data_sets import load_set
    from experiments.novel_class_discovery.tabular_ncd.discovered import discoveries
    from experiments.novel_class_discovery.tabular_ncd.facts import discovery_facts

    cells = [validate(Cell, condition, f"Condition {condition}") for condition in job.conditions]
    accuracies = []
    for name in dict.fromkeys(cell.dataset for cell in cells):
        data = load_set(name, job.root, job.seed, job.folders, job.settings.most_rows)
        places = [place for place, cell in enumerate(cells) if cell.dataset == name]
        chosen = [hyperparameters(job, cells[place]) for place in places]
        wanted = [cells[place] for place in places]
        found = job.checkpoints.kept(name, partial(discoveries, data, wanted, chosen, job.settings, job.seed))
        for place, cell, (metrics, curves) in zip(places, wanted, found, strict=True):
            accuracies.append({**job.conditions[place], **metrics})
            facts = discovery_facts(data, cell, job.settings)
            yield Result(job.conditions[place], metrics, facts, curves)
    if job.artefact is not None:
        job.artefact.write_text(json.dumps(accuracies))


def hyperparameters(job: Job[Settings], cell: Cell) -> Hyperparameters:
    """Those of a cell: of the search that it names, or given ones; none where it names nothing.

    Raises BadInputError where they aren't there.
    """
    from experiments.novel_class_discovery.tabular_ncd.choices import read_choice

    if cell.chosen_on == "nothing":
        return {}
    if cell.chosen_on in job.settings.searches:
        step = job.settings.searches[cell.chosen_on]
        if step not in job.inputs:
            raise BadInputError(f"Step '{job.step}' doesn't read '{step}': add it to its 'needs'.")
        return read_choice(job.inputs[step], cell.dataset).chosen[cell.classes]
    given = job.settings.given.get(cell.dataset, {})
    if cell.classes not in given:
        raise BadInputError(
            f"Step '{job.step}' has no hyperparameters for {cell.dataset}, number of classes {cell.classes}; "
            f"write them under 'given'.{suggest(cell.dataset, job.settings.given)}"
        )
    return given[cell.classes]
