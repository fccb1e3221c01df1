"""Making the tables of a paper and writing each as Markdown, LaTeX and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from common.atomic import write_text
from common.pages.layout import Layout
from common.pages.recorded import read_recorded
from common.pages.tables.comma_separated import to_csv
from common.pages.tables.latex import to_latex
from common.pages.tables.markdown import to_markdown
from common.pages.tables.published import find_published, read_published
from common.pages.tables.regenerated import RegeneratedTable, Sources, regenerate
from common.pages.tables.schema import Table, find_table, read_tables
from common.records.collected import Line, read_collected

_FORMATS = {"md": to_markdown, "tex": to_latex, "csv": to_csv}


def write_table(layout: Layout, name: str, collected: Sequence[Path] | None = None) -> list[Path]:
    """Write results/<scale>/<paper>/tables/<name>.{md,tex,csv} from files of collected records.

    `collected` are those of the steps that the table shows, or else the one of the whole paper.
    """
    table = find_table(read_tables(layout.root, layout.paper), name, layout.paper)
    files = [layout.records] if collected is None else collected
    [regenerated] = make_tables(layout, [table], [line for file in files for line in read_collected(file)])
    paths = []
    for kind, to_text in _FORMATS.items():
        paths.append(layout.table(name, kind))
        write_text(paths[-1], to_text(regenerated))
    return paths


def make_tables(layout: Layout, tables: Sequence[Table], collected: Sequence[Line]) -> list[RegeneratedTable]:
    """Regenerate `tables`, with the published numbers and any recorded runs beside."""
    printed = read_published(layout.root, layout.paper)
    recorded = read_recorded(layout.root, layout.paper)
    sources = Sources(layout.paper, layout.scale, collected, recorded)
    return [regenerate(table, find_published(printed, table), sources) for table in tables]
