"""Command line: python -m common.pages {table,figure,report,paper,…}, from the repository's root."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from common.pages.layout import Layout
from common.records.schema import Scale
from common.refusals import refusals_in_words
from common.strict import BadInputError

application = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Make tables, figures and the site from records."
)
ScaleOption = Annotated[Scale, typer.Option(help="Which records to use.")]
ROOT = Path()


@application.command()
def table(
    paper: str,
    name: str,
    scale: ScaleOption = "quick",
    records: Annotated[
        str | None, typer.Option(help="Files of collected records, blanks between; default: the paper's.")
    ] = None,
) -> None:
    """Write one table as Markdown, LaTeX and CSV."""
    from common.pages.tables.writing import write_table

    collected = None if records is None else [Path(file) for file in records.split()]
    _report(write_table(Layout(ROOT, scale, paper), name, collected))


@application.command()
def figure(paper: str, name: str, scale: ScaleOption = "quick") -> None:
    """Draw one figure as SVG, PDF and PNG, with its data as JSON."""
    from common.pages.figures.drawing import write_figure

    _report(write_figure(Layout(ROOT, scale, paper), name))


@application.command()
def report(paper: str, scale: ScaleOption = "quick") -> None:
    """Typeset the report of one paper as PDF."""
    from common.pages.report.writing import write_report

    _report([write_report(Layout(ROOT, scale, paper))])


@application.command("paper")
def paper_page(paper: str, scale: ScaleOption = "quick") -> None:
    """Write the pages of one paper."""
    from common.pages.site.paper_page import write_paper

    _report(write_paper(Layout(ROOT, scale, paper)))


@application.command()
def front(scale: ScaleOption = "quick") -> None:
    """Write the front page, which shows every paper begun, and the catalogue of all papers."""
    from common.pages.site.catalogue_page import write_catalogue
    from common.pages.site.entries import read_entries
    from common.pages.site.front_page import write_front

    entries = read_entries(ROOT, scale)
    _report([write_front(ROOT, scale, entries), write_catalogue(ROOT, scale, entries)])


@application.command()
def site(scale: ScaleOption = "quick") -> None:
    """Write the pages of every paper, then the front page and the catalogue."""
    from common.pages.paper import find_papers
    from common.pages.site.paper_page import write_paper

    for paper in find_papers(ROOT):
        _report(write_paper(Layout(ROOT, scale, paper)))
    front(scale)


@application.command()
def readme(scale: ScaleOption = "quick") -> None:
    """Write the table of verdicts into README.md."""
    from common.pages.readme import write_readme

    _report([write_readme(ROOT, scale)])


def _report(paths: list[Path]) -> None:
    for path in paths:
        typer.echo(path)


def main() -> None:
    """Run the command line; a mistake in the input ends it with a sentence."""
    try:
        with refusals_in_words():
            application()
    except BadInputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
