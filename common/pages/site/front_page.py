"""The front page: every paper with its verdicts, what it cost, and what hasn't been run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from common.atomic import write_text
from common.claims.schema import Verdict
from common.pages.layout import Layout
from common.pages.paper import Paper, find_papers, read_paper
from common.pages.regeneration import paper_command
from common.pages.site.claims import verdicts_on_the_paper
from common.pages.site.rendering import render
from common.pages.site.summary import Summary, read_summary
from common.pages.site.verdict_words import count_words
from common.records.schema import Scale


@dataclass(frozen=True)
class Entry:
    """One paper on the front page; `summary` is None where its page hasn't been made."""

    paper: Paper
    verdicts: list[Verdict]
    summary: Summary | None
    command: str


def write_front(root: Path, scale: Scale) -> Path:
    """Write site/<scale>/index.html from the papers' citations, verdicts and summaries."""
    entries = [_entry(Layout(root, scale, name)) for name in find_papers(root)]
    page = render(
        "front.html",
        scale=scale,
        tracks=_by_track(entries),
        counts=count_words(verdict for entry in entries for verdict in entry.verdicts),
        entries=entries,
    )
    path = Layout(root, scale, "").front
    write_text(path, page)
    return path


def _entry(layout: Layout) -> Entry:
    return Entry(
        paper=read_paper(layout.root, layout.paper),
        verdicts=verdicts_on_the_paper(layout),
        summary=read_summary(layout),
        command=paper_command(layout.paper, layout.scale),
    )


def _by_track(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    ordered = sorted(entries, key=lambda entry: (entry.paper.track, entry.paper.year, entry.paper.id))
    return [(track, list(group)) for track, group in groupby(ordered, key=lambda entry: entry.paper.track)]
