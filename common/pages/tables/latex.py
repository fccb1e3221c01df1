"""Tables as LaTeX, to be put into a document that loads booktabs."""

from __future__ import annotations

from common.pages.tables.cells import Cell
from common.pages.tables.numbers import explanation, shown_half_width, shown_mean, shown_published
from common.pages.tables.regenerated import RegeneratedTable, Section

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "\N{MINUS SIGN}": "$-$",
    "≠": r"$\neq$",
    "→": r"$\rightarrow$",
    "\N{GREEK SMALL LETTER ALPHA}": r"$\alpha$",
    "\N{GREEK SMALL LETTER TAU}": r"$\tau$",
}


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
        _line(["", *(escape_latex(column.label) for column in table.columns)]),
        *(line for section in regenerated.sections for line in _section(regenerated, section)),
        r"\bottomrule",
        r"\end{tabular}",
        *_notes(regenerated),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escape_latex(text: str) -> str:
    """`text` with every character that LaTeX would take for a command written out."""
    return " ".join("".join(_ESCAPES.get(character, character) for character in text).split())


def _section(regenerated: RegeneratedTable, section: Section) -> list[str]:
    lines = [r"\midrule"]
    if len(regenerated.sections) > 1:
        span = len(regenerated.table.columns) + 1
        lines.append(rf"\multicolumn{{{span}}}{{l}}{{\textit{{{escape_latex(section.heading)}}}}} \\")
    for row, cells in section.rows:
        label = escape_latex(row.label)
        lines.append(_line([label, *(_regenerated(regenerated, cell) for cell in cells)]))
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
