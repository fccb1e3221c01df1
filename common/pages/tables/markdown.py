"""Tables as Markdown, each row followed by the published one where there is one."""

from __future__ import annotations

import re

from common.pages.characters import visible
from common.pages.tables.cells import Cell
from common.pages.tables.headers import Row
from common.pages.tables.numbers import explanation, shown_half_width, shown_mean, shown_published
from common.pages.tables.regenerated import RegeneratedTable
from common.pages.tables.schema import Table

_MARKUP = re.compile(r"[\\`*_\[\]<>|&~$]")
# What makes a heading, a list or a rule of a line, where it stands at its beginning.
_OPENING = re.compile(r"^(\d*)([#+=.):-])")


def to_markdown(regenerated: RegeneratedTable) -> str:
    """The table with its caption, notes and sections; ends with a newline."""
    table = regenerated.table
    scale = f"{escape_markdown(table.reproduces)}; scale {regenerated.scale}"
    parts = [
        f"**{escape_markdown(table.title)}** ({scale})",
        escape_markdown(table.caption),
        "\n".join(_grid(regenerated)),
        escape_markdown(explanation(regenerated)),
        *(f"[{mark}] {escape_markdown(note)}" for mark, note in regenerated.notes.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _grid(regenerated: RegeneratedTable) -> list[str]:
    columns = regenerated.table.columns
    lines = _header(regenerated.table)
    for section in regenerated.sections:
        if len(regenerated.sections) > 1:
            lines.append(_line([f"*{escape_markdown(section.heading)}*", *("" for _ in columns)]))
        for group, rows in section.row_groups():
            if group is not None:
                lines.append(_line([f"**{escape_markdown(group)}**", *("" for _ in columns)]))
            lines += [line for row, cells in rows for line in _row(regenerated, row, cells)]
    return lines


def _header(table: Table) -> list[str]:
    """The labels; where columns have groups, each group's words over its first column, and labels below.

    Markdown has one header line and no cell that spans two columns, so the labels of grouped columns are
    the first line of the body, in bold; a column without a group keeps its label in the header.
    """
    rule = _line(["---", *("---:" for _ in table.columns)])
    labels = [escape_markdown(column.heading) for column in table.columns]
    if not table.has_column_groups:
        return [_line(["", *labels]), rule]
    above, below = [""], [""]
    for group, columns in table.column_groups():
        headings = [escape_markdown(column.heading) for column in columns]
        spanned = [escape_markdown(group), *("" for _ in columns[1:])] if group else headings
        above += spanned
        below += [f"**{heading}**" if group else "" for heading in headings]
    return [_line(above), rule, _line(below)]


def _row(regenerated: RegeneratedTable, row: Row, cells: list[Cell]) -> list[str]:
    lines = [_line([escape_markdown(row.label), *(_regenerated(regenerated, cell) for cell in cells)])]
    published = [_published(regenerated, cell) for cell in cells]
    if any(published):
        lines.append(_line([f"{escape_markdown(row.label)}, published", *published]))
    return lines


def _regenerated(regenerated: RegeneratedTable, cell: Cell) -> str:
    if cell.absent:
        return cell.absent
    mean = shown_mean(regenerated, cell)
    half_width = shown_half_width(regenerated, cell)
    return (f"**{mean}**" if cell.best else mean) + (f" ± {half_width}" if half_width else "")


def _published(regenerated: RegeneratedTable, cell: Cell) -> str:
    value = shown_published(regenerated, cell)
    mark = regenerated.mark(cell)
    return f"{value} [{mark}]" if value and mark else value


def _line(fields: list[str]) -> str:
    return "| " + " | ".join(fields) + " |"


def escape_markdown(text: str) -> str:
    """`text` on one line, with every character that Markdown, or GitHub's, would take for markup escaped."""
    line = " ".join(visible(text).split())
    return _OPENING.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", line))
