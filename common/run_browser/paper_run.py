"""The run of a paper: its verdicts as metrics and tags, its tables and figures as artefacts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.claims.reading import read_verdicts
from common.claims.schema import Verdict
from common.pages.layout import Layout
from common.pages.recorded import date_label, machine_label
from common.records.collected import Line
from common.records.schema import content_hash
from common.run_browser.contents import Cell, File, Point, Run
from common.run_browser.notes import NOTE
from common.run_browser.record_runs import finished_at, points_with_interval
from common.run_browser.wording import clean, metric_name

_KINDS = {"tables": (".md", ".csv", ".tex"), "figures": (".svg", ".png", ".pdf")}


@dataclass(frozen=True)
class Outcome:
    """What was made of the records: verdicts on claims, and files to look at."""

    verdicts: tuple[Verdict, ...] = ()
    files: tuple[File, ...] = ()


def read_outcome(layout: Layout) -> Outcome:
    """The verdicts, tables and figures that lie in the results; what hasn't been made is left out."""
    verdicts = read_verdicts(layout.verdicts) if layout.verdicts.is_file() else []
    return Outcome(tuple(verdicts), tuple(_files(layout)))


def paper_cell(
    title: str, tags: dict[str, str], lines: Sequence[Line], cells: Sequence[Cell], outcome: Outcome
) -> Cell:
    """The run of a paper. `tags` say what it covers: track, paper, origin and, if it is one, the scale.

    Its digest hangs on all cells: where this run stands, they are shown.
    """
    records = [line.record for line in lines]
    finished = max(finished_at(record) for record in records)
    words = {metric_name(f"verdict.{verdict.claim}"): verdict.word for verdict in outcome.verdicts}
    shown = {"kind": "paper", "title": clean(title), "cells": content_hash([cell.digest() for cell in cells])}
    run = Run(
        name=f"{tags['paper']} · {tags.get('scale', 'recorded elsewhere')}",
        tags=tags | shown | words | {NOTE: clean(_note(title, lines, cells, outcome.verdicts))},
        params={"runs": str(len(lines)), "cells": str(len(cells))},
        points=tuple(_points(lines, outcome.verdicts)),
        datasets={},
        started=finished,
        ended=finished,
    )
    return Cell(content_hash(sorted(tags.items())), run, files=outcome.files)


def _points(lines: Sequence[Line], verdicts: Sequence[Verdict]) -> Iterator[Point]:
    """How often each word was reached, the estimate of each claim that has one, and what all runs took."""
    counts = Counter(verdict.word for verdict in verdicts)
    for word, count in sorted(counts.items()):
        yield Point(f"verdicts/{word.replace(' ', '_')}", count)
    for verdict in verdicts:
        if verdict.estimate:
            estimate = verdict.estimate
            yield from points_with_interval(
                f"claims/{verdict.claim}", estimate.mean, estimate.low, estimate.high
            )
    for name in ("seconds", "processor_seconds"):
        yield Point(f"cost/{name}", sum(line.record.cost.times()[name] for line in lines))


def _note(title: str, lines: Sequence[Line], cells: Sequence[Cell], verdicts: Sequence[Verdict]) -> str:
    """What the run browser shows as the run's description, in Markdown."""
    records = [line.record for line in lines]
    paragraphs = [
        f"**{title}**",
        f"{len(lines)} runs in {len(cells)} cells, made on {machine_label(records)}, the last one "
        f"finished on {date_label(records)}. Tables, figures and verdicts are among the artifacts.",
    ]
    if verdicts:
        rows = [f"| {verdict.word} | {_in_cell(verdict.statement)} |" for verdict in verdicts]
        paragraphs.append("\n".join(["| verdict | claim |", "|---|---|", *rows]))
    return "\n\n".join(paragraphs)


def _in_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _files(layout: Layout) -> Iterator[File]:
    for folder, endings in _KINDS.items():
        for path in sorted((layout.results / folder).glob("*")):
            if path.suffix in endings:
                yield _file(f"{folder}/{path.name}", path)
    for path in (layout.verdicts, layout.report):
        if path.is_file():
            yield _file(path.name, path)


def _file(name: str, path: Path) -> File:
    return File(name, path, hashlib.sha256(path.read_bytes()).hexdigest())
