"""The words under a table that say what its units are and what a mark means in each column."""

from __future__ import annotations

from collections.abc import Sequence

from common.pages.tables.headers import Column
from common.pages.tables.schema import Table

_MEANINGS = {"lower": "best (lowest)", "higher": "best (highest)"}


def units(table: Table) -> str:
    """The sentence on units and, where it is the same all over the table, on which direction is better."""
    metric = f" ({table.metric.replace('_', ' ')})" if table.has_one_metric else ""
    unit = f"Unit: {table.unit}" if table.unit else "No units"
    if _is_uniform(table):
        return f"{unit}{metric}; {table.better} is better."
    exception = ", except where a column names its own" if any(each.unit for each in table.columns) else ""
    return f"{unit}{metric}{exception}."


def marks(table: Table) -> str:
    """The sentence on which cells are in bold and, where some are left out on purpose, which never are.

    Empty where none is marked.
    """
    if _is_uniform(table):
        return "Best of each column marked."
    columns: dict[str, list[Column]] = {}
    marked = [column for column in table.columns if table.better_of(column) != "neither"]
    for column in marked:
        columns.setdefault(_meaning(table, column), []).append(column)
    if not columns:
        return ""
    if len(columns) == 1 and len(marked) == len(table.columns):
        [meaning] = columns
        return f"Bold: {meaning} in each column.{_never(table)}"
    parts = [f"{meaning} in {_labels(table, columns[meaning])}" for meaning in columns]
    return f"Bold: {'; '.join(parts)}.{_never(table)}"


def _is_uniform(table: Table) -> bool:
    """Whether one unit and one direction hold for every row and column."""
    own = any(column.better or column.unit for column in table.columns)
    return table.better in _MEANINGS and table.has_one_metric and not own and not table.unmarked


def _meaning(table: Table, column: Column) -> str:
    return _MEANINGS.get(table.better_of(column)) or table.marked_as(column)


def _labels(table: Table, columns: Sequence[Column]) -> str:
    """The columns by label, each once; by their full label where another column of that label differs."""
    inside = {column.id for column in columns}
    elsewhere = {column.label for column in table.columns if column.id not in inside}
    names = [column.full_label if column.label in elsewhere else column.label for column in columns]
    return ", ".join(dict.fromkeys(names))


def _never(table: Table) -> str:
    rows = [row.label for row in table.rows if not table.contends(row)]
    return f" Never bold: {', '.join(rows)}." if rows else ""
