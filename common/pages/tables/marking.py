"""Which cells of a column are marked: the best, or the closest to the reference row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from common.pages.tables.cells import Cell
from common.pages.tables.headers import Column
from common.pages.tables.schema import Table


def mark_best(cells: Sequence[Cell], table: Table, column: Column) -> list[Cell]:
    """Mark every contending cell whose mean, to the decimals shown, is the column's best.

    A cell is marked for outdoing or equalling another: where fewer than two contend, none is. Where the
    column wants the closest to a reference that wasn't run, none is either.
    """
    losses = _losses(cells, table, column)
    contending = [losses[cell.row.id] for cell in cells if cell.row.id in losses and table.contends(cell.row)]
    if len(contending) < 2:
        return list(cells)
    least = min(contending)
    return [
        replace(cell, best=table.contends(cell.row) and losses.get(cell.row.id) == least) for cell in cells
    ]


def _losses(cells: Sequence[Cell], table: Table, column: Column) -> dict[str, Decimal]:
    """How far each row with a mean is from what is wanted, by row id: the less, the better.

    Decimals keep two rows level whose shown means lie equally far above and below the reference.
    """
    decimals = table.decimals_of(column)
    shown = {cell.row.id: Decimal(f"{cell.mean:.{decimals}f}") for cell in cells if cell.mean is not None}
    better = table.better_of(column)
    if better == "neither":
        return {}
    if better == "closest":
        reference = shown.get(str(table.reference))
        return {} if reference is None else {row: abs(value - reference) for row, value in shown.items()}
    return {row: value if better == "lower" else -value for row, value in shown.items()}
