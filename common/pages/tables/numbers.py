"""How numbers are written in tables, the same in every format."""

from __future__ import annotations

from common.pages.tables.cells import Cell
from common.pages.tables.legend import marks, units
from common.pages.tables.regenerated import RegeneratedTable


def fixed(value: float, decimals: int) -> str:
    """`value` with a fixed number of decimals and a comma at each thousand, without a negative zero."""
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text


def shown_mean(regenerated: RegeneratedTable, cell: Cell) -> str:
    """The mean to the decimals of its column; '' where there is none."""
    return "" if cell.mean is None else fixed(cell.mean, regenerated.table.decimals_of(cell.column))


def shown_half_width(regenerated: RegeneratedTable, cell: Cell) -> str:
    """Half the width of the 95 % interval; '' where the seeds show no spread."""
    if cell.half_width is None:
        return ""
    return fixed(cell.half_width, regenerated.table.decimals_of(cell.column))


def shown_published(regenerated: RegeneratedTable, cell: Cell) -> str:
    """The published value as the paper prints it; '' where there is none."""
    if cell.published is None:
        return ""
    decimals = regenerated.table.decimals_of(cell.column)
    value = _as_printed(cell.published.value, decimals)
    spread = cell.published.plus_minus
    return value if spread is None else f"{value} ± {_as_printed(spread, decimals)}"


def explanation(regenerated: RegeneratedTable) -> str:
    """The sentence under each table that says what its numbers are."""
    if not regenerated.was_run:
        return f"{units(regenerated.table)} No seed was run."
    seeds = f"Mean over {regenerated.repetitions()}"
    spread = "± half the width of the 95 % interval (Student's t over seeds)."
    return f"{units(regenerated.table)} {seeds}, {spread} {marks(regenerated.table)}".rstrip()


def _as_printed(value: float, decimals: int) -> str:
    """At least `decimals` digits, and never fewer than the paper gives."""
    return fixed(value, decimals) if round(value, decimals) == value else f"{value:,}"
