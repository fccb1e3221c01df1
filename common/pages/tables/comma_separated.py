"""Tables as CSV: one line per cell with unrounded numbers, for further work by machine."""

from __future__ import annotations

import csv
import io

from common.pages.characters import visible
from common.pages.tables.cells import Cell
from common.pages.tables.comparison import describe
from common.pages.tables.regenerated import RegeneratedTable, Section

_FORMULA_BEGINS = ("=", "+", "-", "@", "'")
_FIELDS = [
    "section",
    "scale",
    "row_group",
    "row",
    "column_group",
    "column",
    "mean",
    "low",
    "high",
    "n",
    "best",
    "absent",
    "published",
    "published_plus_minus",
    "published_source",
    "differing_facts",
]


def to_csv(regenerated: RegeneratedTable) -> str:
    """All cells in reading order, with a header line; groups have a column only where the table has any."""
    text = io.StringIO()
    table = regenerated.table
    present = {"row_group": table.has_row_groups, "column_group": table.has_column_groups}
    fields = [field for field in _FIELDS if present.get(field, True)]
    writer = csv.DictWriter(text, fields, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(map(_plain_text, (_fields(section, cell) for section, cell in regenerated.cells())))
    return text.getvalue()


def _plain_text(fields: dict[str, object]) -> dict[str, object]:
    """Words that a spreadsheet would run as a formula begin with an apostrophe; numbers stay numbers."""
    return {name: _as_words(value) if isinstance(value, str) else value for name, value in fields.items()}


def _as_words(text: str) -> str:
    line = " ".join(visible(text).split())
    return f"'{line}" if line.startswith(_FORMULA_BEGINS) else line


def _fields(section: Section, cell: Cell) -> dict[str, object]:
    published = cell.published
    return {
        "section": section.id,
        "scale": section.scale,
        "row_group": cell.row.group,
        "row": cell.row.id,
        "column_group": cell.column.group,
        "column": cell.column.id,
        "mean": cell.mean,
        "low": cell.low,
        "high": cell.high,
        "n": len(cell.values),
        "best": "yes" if cell.best else "no",
        "absent": cell.absent,
        "published": published and published.value,
        "published_plus_minus": published and published.plus_minus,
        "published_source": published and published.source,
        "differing_facts": describe(cell.differing),
    }
