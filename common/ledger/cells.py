"""Which jobs stand behind each cell of a table, by the plan alone: no record is read for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from common.ledger.run_receipt import CellLine, CellState, JobLine
from common.pages.recorded import Recorded, read_recorded
from common.pages.tables.schema import Table, read_tables
from common.records.query import Selection
from common.records.schema import content_hash
from common.runs.plan import JobSpec

Job = tuple[str, str, int]  # step, method, seed
# What a cell is called in the order of precedence, and what its jobs must be for it.
_REFUSED, _MISSING = {"refused"}, {"not run", "failed"}


def cell_lines(
    paper: str, specs: Sequence[JobSpec], jobs: Mapping[Job, JobLine], root: Path
) -> dict[str, list[CellLine]]:
    """Table -> its cells, those of committed records after those made here."""
    recorded = read_recorded(root, paper)
    by_method = _by_method(specs)
    return {
        table.id: [*_cells_here(table, by_method, jobs), *_cells_recorded(table, recorded)]
        for table in read_tables(root, paper)
    }


def _by_method(specs: Sequence[JobSpec]) -> dict[tuple[str, str], list[JobSpec]]:
    found: dict[tuple[str, str], list[JobSpec]] = defaultdict(list)
    for spec in specs:
        found[spec.step, spec.method].append(spec)
    return found


def _cells_here(
    table: Table, by_method: Mapping[tuple[str, str], list[JobSpec]], jobs: Mapping[Job, JobLine]
) -> Iterator[CellLine]:
    for name, selection in _selections(table):
        behind: list[tuple[JobLine, list[str]]] = []
        for spec in by_method.get((selection.step, selection.method), []):
            paths = _selected(spec, selection)
            if paths:
                behind.append((jobs[spec.step, spec.method, spec.seed], paths))
        state = _state([job for job, _ in behind])
        hashes = sorted(job.records.get(path, "") for job, paths in behind for path in paths)
        yield CellLine(
            cell=name,
            section="here",
            state=state,
            why=_reasons([job for job, _ in behind if job.state == state]),
            hash=content_hash(hashes) if state in ("fresh", "cached") else "",
        )


def _cells_recorded(table: Table, recorded: Sequence[Recorded]) -> Iterator[CellLine]:
    for each in recorded:
        for name, selection in _selections(table):
            identities = sorted(run.record.identity() for run in each.runs if selection.matches(run.record))
            if identities:
                yield CellLine(cell=name, section=each.name, state="recorded", hash=content_hash(identities))


def _selections(table: Table) -> Iterator[tuple[str, Selection]]:
    """The cells of a table by the ids that they have on its page."""
    for row in table.rows:
        for column in table.columns:
            yield f"{row.id}--{column.id}", table.selection(row, column)


def _selected(spec: JobSpec, selection: Selection) -> list[str]:
    """The records of a job that a cell selects."""
    return [
        path.as_posix()
        for condition, path in zip(spec.conditions, spec.records, strict=True)
        if selection.covers(spec.step, spec.method, condition)
    ]


def _state(jobs: Sequence[JobLine]) -> CellState:
    states = {job.state for job in jobs}
    if states & _REFUSED:
        return "refused"
    if not states - _MISSING:
        return "not run"
    if states & _MISSING:
        return "incomplete"
    return "fresh" if "fresh" in states else "cached"


def _reasons(jobs: Sequence[JobLine]) -> list[str]:
    """Why the jobs ran, or are refused; each reason once."""
    return list(dict.fromkeys(why for job in jobs for why in job.why))
