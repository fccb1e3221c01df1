"""Regenerated tables as the report prints them."""

from __future__ import annotations

from common.pages.regeneration import table_command
from common.pages.report.schema import (
    PrintedCell,
    PrintedColumns,
    PrintedGroup,
    PrintedRow,
    PrintedSection,
    PrintedTable,
)
from common.pages.tables.cells import Cell
from common.pages.tables.numbers import explanation, shown_half_width, shown_mean, shown_published
from common.pages.tables.regenerated import RegeneratedTable, Section
from common.pages.tables.schema import Table


def print_table(regenerated: RegeneratedTable) -> PrintedTable:
    """One table with its sections, published numbers and notes."""
    table = regenerated.table
    return PrintedTable(
        title=table.title,
        reproduces=table.reproduces,
        caption=table.caption,
        corner=_corner(table),
        columns=[
            PrintedColumns(heading=group, labels=[column.heading for column in columns])
            for group, columns in table.column_groups()
        ],
        sections=[_section(regenerated, section) for section in regenerated.sections],
        explanation=explanation(regenerated),
        has_published=regenerated.has_published,
        notes=[(mark, note) for mark, note in regenerated.notes.items()],
        command=table_command(regenerated.paper, table.id, regenerated.scale),
    )


def _corner(table: Table) -> str:
    return (
        f"{table.metric.replace('_', ' ')}, {table.unit}" if table.has_one_metric else f"unit: {table.unit}"
    )


def _section(regenerated: RegeneratedTable, section: Section) -> PrintedSection:
    groups = [
        PrintedGroup(
            heading=group,
            rows=[
                PrintedRow(label=row.label, cells=[_cell(regenerated, cell) for cell in cells])
                for row, cells in rows
            ],
        )
        for group, rows in section.row_groups()
    ]
    return PrintedSection(heading=section.heading, groups=groups)


def _cell(regenerated: RegeneratedTable, cell: Cell) -> PrintedCell:
    published, _, spread = _signed(shown_published(regenerated, cell)).partition(" ± ")
    return PrintedCell(
        absent=cell.absent,
        mean=_signed(shown_mean(regenerated, cell)),
        spread=shown_half_width(regenerated, cell),
        is_best=cell.best,
        published=published,
        published_spread=spread,
        mark=regenerated.mark(cell),
    )


def _signed(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
