"""Tables as Markdown, each row followed by the published one where there is one."""

from __future__ import annotations

from common.pages.tables.cells import Cell
from common.pages.tables.numbers import explanation, shown_half_width, shown_mean, shown_published
from common.pages.tables.regenerated import RegeneratedTable, Section


def to_markdown(regenerated: RegeneratedTable) -> str:
    """The table with its caption, notes and sections; ends with a newline."""
    table = regenerated.table
    parts = [
        f"**{_escape(table.title)}** ({_escape(table.reproduces)}; scale {regenerated.scale})",
        _escape(table.caption),
        "\n".join(_grid(regenerated)),
        explanation(regenerated),
        *(f"[{mark}] {_escape(note)}" for mark, note in regenerated.notes.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _grid(regenerated: RegeneratedTable) -> list[str]:
    columns = regenerated.table.columns
    lines = [_line(["", *(_escape(column.label) for column in columns)])]
    lines.append(_line(["---", *("---:" for _ in columns)]))
    for section in regenerated.sections:
        if len(regenerated.sections) > 1:
            lines.append(_line([f"*{_escape(section.heading)}*", *("" for _ in columns)]))
        lines += _rows(regenerated, section)
    return lines


def _rows(regenerated: RegeneratedTable, section: Section) -> list[str]:
    lines = []
    for row, cells in section.rows:
        lines.append(_line([_escape(row.label), *(_regenerated(regenerated, cell) for cell in cells)]))
        published = [_published(regenerated, cell) for cell in cells]
        if any(published):
            lines.append(_line([f"{_escape(row.label)}, published", *published]))
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


def _escape(text: str) -> str:
    for character in "\\`*_[]<>|":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())
