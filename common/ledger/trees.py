"""A tree of results as it lies in a folder: the jobs of each paper, its verdicts, the cells of its tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from common.claims.schema import Verdict, Verdicts
from common.records.collected import read_collected
from common.records.migration import migrate
from common.records.schema import Record
from common.runs.conditions import condition_name
from common.runs.receipt import Receipt, file_hash
from common.strict import BadInputError, read_json, suggest, validate

_BESIDE = (".curves.json", ".pictures.json")


class JobName(NamedTuple):
    """A job of a paper, whatever its scale."""

    step: str
    method: str
    seed: int


class CellName(NamedTuple):
    """A cell of a table; `section` is `here` for records of this tree."""

    table: str
    section: str
    row: str
    column: str


@dataclass
class JobResult:
    """What a job left: its records by their conditions, its receipt, the records changed after it."""

    records: dict[str, Record] = field(default_factory=dict)
    receipt: Receipt | None = None
    changed_by_hand: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PaperResults:
    """All that a paper has in a tree; a cell without a number has None."""

    jobs: dict[JobName, JobResult]
    verdicts: dict[str, Verdict]
    cells: dict[CellName, float | None]


def read_tree(folder: Path) -> dict[str, PaperResults]:
    """Paper -> its results, from the folder of a scale or of one paper at a scale.

    Raises BadInputError where there is no such folder, it holds no results, or a file can't be used.
    """
    if not folder.is_dir():
        beside = [str(path) for path in folder.parent.glob("*") if path.is_dir()]
        raise BadInputError(f"There is no folder '{folder}'.{suggest(str(folder), beside)}")
    found = {}
    for path in (folder, *sorted(folder.iterdir())):
        if any((path / name).exists() for name in ("records", "records.jsonl", "verdicts.json")):
            results = _read_paper(path)
            found[_paper_of(results, path)] = results
    if not found:
        raise BadInputError(
            f"{folder} holds no results of a paper. Name the folder of a scale, or of a paper in it, such as "
            f"results/quick or results/quick/<paper>."
        )
    return found


def _paper_of(results: PaperResults, path: Path) -> str:
    """The paper's id, as its records have it: the folder may be a copy with another name."""
    records = (record for job in results.jobs.values() for record in job.records.values())
    first = next(records, None)
    return first.paper if first else path.name


def _read_paper(path: Path) -> PaperResults:
    jobs: dict[JobName, JobResult] = {}
    for file, record in _records(path):
        job = jobs.setdefault(JobName(record.step, record.method, record.seed), JobResult())
        job.records[condition_name(record.condition)] = record
        if job.receipt is None:
            job.receipt = _receipt(path, record)
        if file is not None and job.receipt and file_hash(file) not in job.receipt.records.values():
            job.changed_by_hand.append(file.name)
    return PaperResults(jobs, _verdicts(path / "verdicts.json"), dict(_cells(path)))


def _records(path: Path) -> Iterator[tuple[Path | None, Record]]:
    """Every record with its file; without one where only the collected records are there."""
    if not (path / "records").is_dir():
        collected = path / "records.jsonl"
        yield from ((None, line.record) for line in (read_collected(collected) if collected.exists() else []))
        return
    for file in sorted((path / "records").rglob("*.json")):
        if not file.name.endswith(_BESIDE):
            yield file, validate(Record, migrate(_parse(file), str(file)), str(file))


def _receipt(path: Path, record: Record) -> Receipt | None:
    file = path / "receipts" / record.step / record.method / f"seed{record.seed}.json"
    return validate(Receipt, _parse(file), str(file)) if file.is_file() else None


def _verdicts(file: Path) -> dict[str, Verdict]:
    if not file.is_file():
        return {}
    return {verdict.claim: verdict for verdict in validate(Verdicts, _parse(file), str(file)).verdicts}


def _cells(path: Path) -> Iterator[tuple[CellName, float | None]]:
    for file in sorted(path.glob("tables/*.csv")):
        with file.open(newline="") as text:
            for row in csv.DictReader(text):
                name = CellName(file.stem, row["section"], row["row"], row["column"])
                yield name, float(row["mean"]) if row["mean"] else None


def _parse(file: Path) -> Any:
    return read_json(file, "Delete it and run the paper again.")
