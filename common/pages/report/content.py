"""Gathering a report: the citation, the verdicts, the tables and figures, their cost and origin."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from common.pages.durations import duration
from common.pages.figures.drawing import FigureFacts, read_figure_facts
from common.pages.figures.module import find_figures
from common.pages.layout import Layout
from common.pages.paper import Paper, read_paper
from common.pages.regeneration import figure_command, paper_command, report_command
from common.pages.report.claims import badge, print_claim
from common.pages.report.schema import Count, Pair, PrintedFigure, Report
from common.pages.report.tables import print_table
from common.pages.site.claims import read_judged_claims, verdicts_on_the_paper
from common.pages.site.recorded_verdicts import with_recorded
from common.pages.site.rendering import moment, short, spaced
from common.pages.site.summary import Summary, summarise
from common.pages.site.verdict_words import count_words
from common.pages.tables.schema import read_tables
from common.pages.tables.writing import make_tables
from common.records.collected import Line, read_collected
from common.strict import BadInputError


def gather_report(layout: Layout) -> Report:
    """The report of a paper that has been run; raises BadInputError for one that hasn't."""
    paper = read_paper(layout.root, layout.paper)
    collected = read_collected(layout.records)
    tables = make_tables(layout, read_tables(layout.root, layout.paper), collected)
    figures = [_figure(layout, name) for name in find_figures(layout.root, layout.paper)]
    summary = summarise(layout, collected, tables, [figure.picture is not None for figure in figures])
    if summary.finished is None:
        raise BadInputError(
            f"{layout.records} holds no record. Run the paper first: "
            f"{paper_command(layout.paper, layout.scale)}"
        )
    counts = count_words(verdicts_on_the_paper(layout))
    records_hash = hashlib.sha256(layout.records.read_bytes()).hexdigest()
    return Report(
        paper=paper.id,
        track=spaced(paper.track),
        scale=layout.scale,
        title=paper.title,
        authors=paper.authors,
        venue=f"{paper.venue} {paper.year}",
        links=_links(paper),
        summary=paper.summary,
        finished=_moment(summary.finished, layout),
        commits=[short(commit) for commit in summary.commits],
        counts=[Count(badge=badge(word), count=count) for word, count in counts.items()],
        claims=[print_claim(item) for item in with_recorded(layout, read_judged_claims(layout))],
        tables=[print_table(table) for table in tables],
        figures=figures,
        deviations=[
            Pair(name=item.what, text=item.why) for item in paper.deviations if layout.scale in item.scales
        ],
        cost=_cost(summary),
        commands=_commands(layout),
        provenance=_provenance(layout, collected, records_hash),
        records_hash=records_hash,
    )


def _moment(text: str, layout: Layout) -> tuple[int, int, int, int, int, int]:
    """An ISO 8601 moment in UTC; raises BadInputError for anything else."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise BadInputError(
            f"{layout.records} has a record that was finished at '{text}', which is no moment like "
            f"2025-11-22T11:50:00Z; run the paper again."
        ) from None
    return (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


def _links(paper: Paper) -> list[Pair]:
    links = []
    if paper.arxiv:
        links.append(Pair(name=f"arXiv {paper.arxiv}", text=f"https://arxiv.org/abs/{paper.arxiv}"))
    if paper.doi:
        links.append(Pair(name=f"DOI {paper.doi}", text=f"https://doi.org/{paper.doi}"))
    if paper.code:
        links.append(Pair(name="authors\N{RIGHT SINGLE QUOTATION MARK} code", text=paper.code))
    return links


def _figure(layout: Layout, name: str) -> PrintedFigure:
    """The figure as it was drawn; where it wasn't, its name and the command that draws it."""
    facts = read_figure_facts(layout.figure(name, "json"))
    picture = layout.figure(name, "svg")
    drawn = facts is not None and picture.is_file()
    known = facts or FigureFacts(
        id=name, title=spaced(name), caption="", reproduces="", alternative="", rows=None
    )
    return PrintedFigure(
        title=known.title,
        reproduces=known.reproduces,
        caption=known.caption,
        alternative=known.alternative,
        command=figure_command(layout.paper, name, layout.scale),
        picture=picture.read_text() if drawn else None,
    )


def _cost(summary: Summary) -> list[Pair]:
    absent = f"{summary.cells_absent} of {summary.cells} table cells, "
    absent += f"{summary.figures_absent} of {summary.figures} figures"
    core_seconds = f"{summary.processor_seconds:.0f} core-seconds"
    facts = {
        "Runs": str(summary.runs),
        "Processor time": f"{duration(summary.processor_seconds)} ({core_seconds})",
        "Run time, one after another": duration(summary.seconds),
        "Machine": summary.machine,
        "Last run finished": f"{moment(summary.finished)} UTC",
        "Not run": absent,
    }
    return [Pair(name=name, text=text) for name, text in facts.items()]


def _commands(layout: Layout) -> list[Pair]:
    paper, scale = layout.paper, layout.scale
    return [
        Pair(name="The whole paper", text=paper_command(paper, scale)),
        Pair(name="This report", text=report_command(paper, scale)),
    ]


def _provenance(layout: Layout, collected: Sequence[Line], records_hash: str) -> list[Pair]:
    """What the numbers hang on: the records, the commits that made them, and the data that they read."""
    data = sorted({pair for item in collected for pair in item.record.data.items()})
    commits = sorted({item.record.commit for item in collected})
    return [
        Pair(name="Collected records", text=str(layout.records.relative_to(layout.root))),
        Pair(name="Their SHA-256", text=records_hash),
        *(Pair(name="Commit", text=commit) for commit in commits),
        *(Pair(name=f"Data set {name}", text=content_hash) for name, content_hash in data),
    ]
