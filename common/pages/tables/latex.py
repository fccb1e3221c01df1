"""Tables as LaTeX, to be put into a document that loads booktabs."""

from __future__ import annotations

from common.pages.tables.cells import Cell
from common.pages.tables.headers import Row
from common.pages.tables.latex_text import escape_latex
from common.pages.tables.numbers import explanation, shown_half_width, shown_mean, shown_published
from common.pages.tables.regenerated import RegeneratedTable, Section
from common.pages.tables.schema import Table


def to_latex(regenerated: RegeneratedTable) -> str:
    """A table environment with caption, label and notes; ends with a newline."""
    table = regenerated.table
    scale = f"{escape_latex(table.reproduces)}; scale {regenerated.scale}"
    caption = f"{escape_latex(table.title)} ({scale}). {escape_latex(table.caption)}"
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{caption}}}",
        rf"\label{{tab:{regenerated.paper}:{table.id}}}",
        r"\footnotesize",
        r"\setlength{\tabcolsep}{3pt}",
        rf"\begin{{tabular}}{{l{'r' * len(table.columns)}}}",
        r"\toprule",
        *_header(table),
        *(line for section in regenerated.sections for line in _section(regenerated, section)),
        r"\bottomrule",
        r"\end{tabular}",
        *_notes(regenerated),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _header(table: Table) -> list[str]:
    """The labels; above them, where columns have groups, those of the groups, each with a rule below."""
    labels = _line(["", *(escape_latex(column.heading) for column in table.columns)])
    if not table.has_column_groups:
        return [labels]
    fields, rules, last = [""], [], 1
    for group, columns in table.column_groups():
        first, last = last + 1, last + len(columns)
        if group is None:
            fields += [""] * len(columns)
        else:
            fields.append(rf"\multicolumn{{{len(columns)}}}{{c}}{{{escape_latex(group)}}}")
            rules.append(rf"\cmidrule(lr){{{first}-{last}}}")
    return [_line(fields), " ".join(rules), labels]


def _section(regenerated: RegeneratedTable, section: Section) -> list[str]:
    lines = [r"\midrule"]
    if len(regenerated.sections) > 1:
        lines.append(_heading(regenerated, section.heading))
    for group, rows in section.row_groups():
        if group is not None:
            # A rule stands above the section already; a second one would be drawn right below it.
            lines += [r"\midrule"] if lines != [r"\midrule"] else []
            lines.append(_heading(regenerated, group))
        lines += [line for row, cells in rows for line in _row(regenerated, row, cells)]
    return lines


def _heading(regenerated: RegeneratedTable, words: str) -> str:
    span = len(regenerated.table.columns) + 1
    return rf"\multicolumn{{{span}}}{{l}}{{\textit{{{escape_latex(words)}}}}} \\"


def _row(regenerated: RegeneratedTable, row: Row, cells: list[Cell]) -> list[str]:
    lines = [_line([escape_latex(row.label), *(_regenerated(regenerated, cell) for cell in cells)])]
    published = [_published(regenerated, cell) for cell in cells]
    if any(published):
        lines.append(_line([r"\quad published", *published]))
    return lines


def _regenerated(regenerated: RegeneratedTable, cell: Cell) -> str:
    if cell.absent:
        return rf"\textit{{{cell.absent}}}"
    mean = shown_mean(regenerated, cell).replace("-", "$-$")
    half_width = shown_half_width(regenerated, cell)
    spread = rf"{{\scriptsize\,$\pm$\,{half_width}}}" if half_width else ""
    return (rf"\textbf{{{mean}}}" if cell.best else mean) + spread


def _published(regenerated: RegeneratedTable, cell: Cell) -> str:
    value = escape_latex(shown_published(regenerated, cell)).replace("-", "$-$")
    mark = regenerated.mark(cell)
    return rf"{value}\textsuperscript{{{mark}}}" if value and mark else value


def _notes(regenerated: RegeneratedTable) -> list[str]:
    lines = [r"", r"\smallskip", rf"\raggedright {escape_latex(explanation(regenerated))}"]
    for mark, note in regenerated.notes.items():
        lines += ["", rf"\textsuperscript{{{mark}}} {escape_latex(note)}"]
    return lines


def _line(fields: list[str]) -> str:
    return " & ".join(fields) + r" \\"
