"""Numbers that moved between two trees: metrics of records, and cells of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from common.ledger.trees import CellName
from common.pages.tables.schema import read_tables
from common.records.schema import COST, Record
from common.runs.conditions import condition_name
from common.stats.samples import ROUNDING
from common.strict import StrictModel

Value = float | None


class MovedMetric(StrictModel):
    """A metric of a record that has another value; None where a tree's record lacks it."""

    paper: str
    step: str
    method: str
    seed: int
    condition: str
    metric: str
    before: Value
    after: Value


class MovedCell(StrictModel):
    """A cell of a table whose mean is another, beyond rounding; None where there is none."""

    paper: str
    table: str
    section: str
    row: str
    column: str
    before: Value
    after: Value


def size(moved: MovedCell | MovedMetric) -> float:
    """How far a number moved, in its own unit; infinitely far where a tree has none."""
    if moved.before is None or moved.after is None:
        return float("inf")
    return abs(moved.after - moved.before)


def same_results(before: Record, after: Record) -> bool:
    """Whether two records hold the same results, to the last bit; what they hung on may differ."""
    names = ("metrics", "curves", "pictures", "protocol_type", "protocol")
    return all(getattr(before, name) == getattr(after, name) for name in names)


def moved_metrics(before: Record, after: Record) -> Iterator[MovedMetric]:
    """The metrics of a record that aren't equal to the last bit."""
    for metric in sorted(before.metrics.keys() | after.metrics.keys()):
        old, new = before.metrics.get(metric), after.metrics.get(metric)
        if old != new:
            yield MovedMetric(
                **{name: getattr(after, name) for name in ("paper", "step", "method", "seed")},
                condition=condition_name(after.condition),
                metric=metric,
                before=old,
                after=new,
            )


def moved_cells(
    paper: str, before: Mapping[CellName, Value], after: Mapping[CellName, Value], root: Path
) -> tuple[list[MovedCell], list[MovedCell]]:
    """The cells that moved, the farthest first: those with results, and those with times."""
    found = [
        MovedCell(paper=paper, **name._asdict(), before=before.get(name), after=after.get(name))
        for name in dict.fromkeys((*before, *after))
        if _moved(before.get(name), after.get(name))
    ]
    found.sort(key=size, reverse=True)
    times = _times(paper, root)
    of_time = [cell for cell in found if (cell.table, cell.row, cell.column) in times]
    return [cell for cell in found if cell not in of_time], of_time


def _moved(before: Value, after: Value) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(after - before) > ROUNDING * max(abs(before), abs(after))


def _times(paper: str, root: Path) -> set[tuple[str, str, str]]:
    """Table, row and column of the cells that show times, as the paper defines its tables."""
    return {
        (table.id, row.id, column.id)
        for table in read_tables(root, paper)
        for row in table.rows
        for column in table.columns
        if table.selection(row, column).metric.startswith(COST)
    }
