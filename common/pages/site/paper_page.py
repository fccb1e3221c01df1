"""The pages of one paper: its own page, and one page of provenance for each table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.atomic import write_text
from common.pages.figures.drawing import FigureFacts, read_figure_facts
from common.pages.figures.module import find_figures
from common.pages.files import copy_if_changed
from common.pages.layout import Layout
from common.pages.paper import Paper, read_paper
from common.pages.regeneration import figure_command, paper_command, table_command
from common.pages.site.claims import ClaimIndex, read_judged_claims, verdicts_on_the_paper
from common.pages.site.interval_plot import plot_claim
from common.pages.site.provenance import Tracer, anchor
from common.pages.site.recorded_verdicts import with_recorded
from common.pages.site.rendering import render
from common.pages.site.summary import summarise
from common.pages.site.verdict_words import count_words
from common.pages.tables.regenerated import RegeneratedTable
from common.pages.tables.schema import read_tables
from common.pages.tables.writing import make_tables
from common.records.collected import read_collected


@dataclass(frozen=True)
class ShownFigure:
    """A figure on the page; `facts` is None where it hasn't been drawn."""

    id: str
    facts: FigureFacts | None
    command: str


@dataclass(frozen=True)
class ShownTable:
    """A table on the page, with the kinds of files that can be downloaded beside it."""

    regenerated: RegeneratedTable
    downloads: list[str]
    command: str


def write_paper(layout: Layout) -> list[Path]:
    """Write site/<scale>/<paper>/: index.html, a page per table, copies of records, summary.json."""
    paper = read_paper(layout.root, layout.paper)
    collected = read_collected(layout.records) if layout.records.is_file() else []
    judged = read_judged_claims(layout)
    tables = make_tables(layout, read_tables(layout.root, layout.paper), collected)
    figures = [_show_figure(layout, name) for name in find_figures(layout.root, layout.paper)]
    pages = _write_provenance(layout, paper, tables, ClaimIndex(judged, collected))
    summary = summarise(layout, collected, tables, [figure.facts is not None for figure in figures])
    index = layout.site / "index.html"
    page = render(
        "paper.html",
        paper=paper,
        scale=layout.scale,
        deviations=[item for item in paper.deviations if layout.scale in item.scales],
        judged=[(item, plot_claim(item)) for item in with_recorded(layout, judged)],
        counts=count_words(verdicts_on_the_paper(layout)),
        tables=[_show_table(layout, table) for table in tables],
        figures=figures,
        summary=summary,
        has_report=_copy_report(layout),
        regeneration=paper_command(layout.paper, layout.scale),
        anchor=anchor,
    )
    write_text(index, page)
    write_text(layout.summary, summary.model_dump_json(indent=1) + "\n")
    return [index, *pages, layout.summary]


def _write_provenance(
    layout: Layout, paper: Paper, tables: Sequence[RegeneratedTable], index: ClaimIndex
) -> list[Path]:
    tracer = Tracer(layout, index)
    paths = []
    for table in tables:
        paths.append(layout.site / f"{table.table.id}.html")
        page = render(
            "provenance.html",
            paper=paper,
            scale=layout.scale,
            regenerated=table,
            groups=tracer.trace(table),
            regeneration=table_command(layout.paper, table.table.id, layout.scale),
        )
        write_text(paths[-1], page)
    return paths


def _show_table(layout: Layout, table: RegeneratedTable) -> ShownTable:
    downloads = _copy(layout, "tables", table.table.id, ["csv", "md", "tex"])
    return ShownTable(table, downloads, table_command(layout.paper, table.table.id, layout.scale))


def _show_figure(layout: Layout, name: str) -> ShownFigure:
    facts = read_figure_facts(layout.figure(name, "json"))
    if facts is not None:
        _copy(layout, "figures", name, ["svg", "pdf", "png"])
    return ShownFigure(name, facts, figure_command(layout.paper, name, layout.scale))


def _copy_report(layout: Layout) -> bool:
    """Copy the typeset report into the site; whether there is one."""
    if not layout.report.is_file():
        return False
    copy_if_changed(layout.report, layout.site / layout.report.name)
    return True


def _copy(layout: Layout, folder: str, name: str, kinds: Sequence[str]) -> list[str]:
    """Copy the files of a table or figure into the site; the kinds that were there."""
    found = [kind for kind in kinds if (layout.results / folder / f"{name}.{kind}").is_file()]
    for kind in found:
        file = f"{name}.{kind}"
        copy_if_changed(layout.results / folder / file, layout.site / folder / file)
    return found
