"""One cell of a table: the runs behind it, its mean and interval, and the published number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from common.claims.protocols import Facts, differing_facts
from common.claims.schema import Published
from common.pages.tables.headers import Column, Row
from common.pages.tables.published import PublishedTable, published_number
from common.pages.tables.schema import Table
from common.records.collected import Line
from common.records.query import Selection, values_by_seed
from common.records.schema import Scale
from common.stats.intervals import mean_interval


@dataclass(frozen=True)
class Cell:
    """A cell with all that stands behind it.

    `values` maps each seed to its value. `mean` is None where nothing was run; `low` and `high`, the
    ends of the 95 % interval over seeds, are None where the seeds show no spread. `problem` says why
    records that exist can't be averaged.
    """

    row: Row
    column: Column
    selection: Selection
    runs: list[Line]
    values: dict[int, float]
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    problem: str | None = None
    best: bool = False
    published: Published | None = None
    differing: Facts = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The cell's name inside its table, fit for a link."""
        return f"{self.row.id}--{self.column.id}"

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval."""
        return None if self.high is None or self.mean is None else self.high - self.mean

    @property
    def absent(self) -> str | None:
        """What is shown where there is no number; None where there is one."""
        if self.mean is not None:
            return None
        return "incomplete" if self.problem else "not run"


@dataclass(frozen=True)
class Place:
    """Where a cell stands: its table, row and column, the scale, and the printed table beside it."""

    table: Table
    row: Row
    column: Column
    scale: Scale
    printed: PublishedTable | None


def fill_cell(place: Place, collected: Sequence[Line]) -> Cell:
    """Select the runs of a cell and average them over seeds.

    Raises BadInputError when the metric is in none of the selected records. Seeds that cover different
    conditions make the cell incomplete, with the reason in `problem`.
    """
    selection = place.table.selection(place.row, place.column)
    runs = [item for item in collected if selection.matches(item.record)]
    published = published_number(place.printed, place.row, place.column)
    values, problem = _average(runs, selection)
    mean, low, high = _interval(list(values.values()))
    records = [run.record for run in runs]
    return Cell(
        row=place.row,
        column=place.column,
        selection=selection,
        runs=sorted(runs, key=lambda run: (run.record.seed, run.path)),
        values=dict(sorted(values.items())),
        mean=mean,
        low=low,
        high=high,
        problem=problem,
        published=published,
        differing=differing_facts(published.protocol, records, place.scale) if published and runs else {},
    )


def _average(runs: list[Line], selection: Selection) -> tuple[dict[int, float], str | None]:
    """Values by seed, or the sentence that says why the seeds can't be compared."""
    seeds = {run.record.seed for run in runs}
    conditions = {
        frozenset(str(sorted(run.record.condition.items())) for run in runs if run.record.seed == seed)
        for seed in seeds
    }
    if len(conditions) > 1:
        return {}, "The seeds cover different conditions, so their means can't be compared."
    return values_by_seed([run.record for run in runs], selection), None


def _interval(values: list[float]) -> tuple[float | None, float | None, float | None]:
    """Mean and 95 % interval; no interval from one seed, nor from seeds that all agree."""
    if len(values) < 2:
        return (values[0] if values else None), None, None
    found = mean_interval(values)
    if found.without_spread:
        return found.estimate, None, None
    return found.estimate, found.low, found.high
