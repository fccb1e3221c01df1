"""A cell of a table: finding it by its anchor, and saying what it selects and what was published."""

from __future__ import annotations

from common.pages.tables.headers import Column, Row
from common.pages.tables.published import PublishedTable, published_number
from common.pages.tables.schema import Table
from common.records.query import Selection
from common.strict import BadInputError, suggest

Place = tuple[Row, Column]


def find_cell(table: Table, name: str) -> Place:
    """The row and column of a cell called `row--column`, as its link on the page is.

    Raises BadInputError naming the nearest.
    """
    places = {f"{row.id}--{column.id}": (row, column) for row in table.rows for column in table.columns}
    if name not in places:
        raise BadInputError(f"Table '{table.id}' has no cell '{name}'.{suggest(name, places)}")
    return places[name]


def cell_facts(table: Table, place: Place, printed: PublishedTable | None) -> dict[str, str]:
    """What stands behind a cell, and beside it: a heading and what is said of it."""
    row, column = place
    published = published_number(printed, row, column)
    beside = f"{published.value:g} ({published.source})" if published else "no published number"
    return {
        "row, column": f"{row.label}, {column.full_label}",
        "is the mean of": described(table.selection(row, column)),
        "stands beside": beside,
    }


def described(selection: Selection) -> str:
    """What a selection selects, in words."""
    where = ", ".join(f"{name} = {_value(value)}" for name, value in selection.where.items())
    condition = f", where {where}" if where else ", over all conditions"
    return f"{selection.metric} of step {selection.step}, method {selection.method}{condition}"


def _value(value: object) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)
