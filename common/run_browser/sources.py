"""What there is to show: collected records of one scale, and full-scale ones made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.pages.layout import Layout
from common.pages.paper import read_paper
from common.pages.recorded import read_recorded
from common.records.collected import Line, read_collected
from common.records.schema import Record, Scale
from common.run_browser.contents import Cell, Scope
from common.run_browser.paper_run import Outcome, paper_cell, read_outcome
from common.run_browser.record_runs import cells_of
from common.strict import BadInputError, suggest


@dataclass(frozen=True)
class Shown:
    """One paper in the run browser."""

    paper: str
    track: str
    title: str
    records: tuple[Record, ...]
    scopes: tuple[Scope, ...]


def read_shown(root: Path, scale: Scale, papers: Sequence[str]) -> list[Shown]:
    """The named papers, or all that have records.

    Raises BadInputError for a paper without any, and where no paper has any.
    """
    here = {path.parent.name for path in (root / "results" / scale).glob("*/records.jsonl")}
    elsewhere = {path.parent.parent.name for path in root.glob("papers/*/recorded/*.jsonl")}
    found = sorted(here | elsewhere)
    unknown = [paper for paper in papers if paper not in found]
    if unknown:
        raise BadInputError(
            f"There are no collected records of '{unknown[0]}' at scale {scale}."
            f"{suggest(unknown[0], found)} Type: make reproduce SCALE={scale}"
        )
    if not found:
        raise BadInputError(f"There are no records at scale {scale} yet. Type: make reproduce SCALE={scale}")
    shown = [_read_paper(Layout(root, scale, paper), paper in here) for paper in papers or found]
    return [paper for paper in shown if paper]


def _read_paper(layout: Layout, is_here: bool) -> Shown | None:
    """One paper; None where its files hold no records, so that not even its track is known."""
    here = read_collected(layout.records) if is_here else []
    recorded = read_recorded(layout.root, layout.paper)
    elsewhere = [line for file in recorded for line in file.runs]
    lines = [*here, *elsewhere]
    if not lines:
        return None
    track, title = lines[0].record.track, _title(layout)
    tags = {"track": track, "paper": layout.paper, "origin": "here", "scale": layout.scale}
    cells = cells_of(here)
    summary = paper_cell(title, tags, here, cells, read_outcome(layout)) if here else None
    scopes = [Scope(layout.paper, track, "here", layout.scale, tuple(cells), summary)] if is_here else []
    scopes.append(_elsewhere(layout.paper, track, title, [(file.name, file.runs) for file in recorded]))
    return Shown(layout.paper, track, title, tuple(line.record for line in lines), tuple(scopes))


def _elsewhere(paper: str, track: str, title: str, files: Sequence[tuple[str, list[Line]]]) -> Scope:
    cells: list[Cell] = [cell for name, lines in files for cell in cells_of(lines, "recorded", name)]
    lines = [line for _, runs in files for line in runs]
    tags = {"track": track, "paper": paper, "origin": "recorded"}
    summary = paper_cell(title, tags, lines, cells, Outcome()) if lines else None
    return Scope(paper, track, "recorded", None, tuple(cells), summary)


def _title(layout: Layout) -> str:
    """The paper's title and year; its id where papers/ doesn't describe it."""
    if not (layout.definitions / "paper.yaml").is_file():
        return layout.paper
    paper = read_paper(layout.root, layout.paper)
    return f"{paper.title} ({paper.year})"
