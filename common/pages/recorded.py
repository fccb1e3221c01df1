"""Records made elsewhere, at full scale, and committed with the paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from common.records.collected import Line, read_collected
from common.records.schema import Record, Scale


@dataclass(frozen=True)
class Recorded:
    """One committed file of records, all made at one scale."""

    name: str
    scale: Scale
    runs: list[Line]


def read_recorded(root: Path, paper: str) -> list[Recorded]:
    """All of papers/<paper>/recorded/*.jsonl, one item per file and scale, by name."""
    found = []
    for path in sorted((root / "papers" / paper / "recorded").glob("*.jsonl")):
        runs = read_collected(path)
        for scale in sorted({run.record.scale for run in runs}):
            chosen = [run for run in runs if run.record.scale == scale]
            found.append(Recorded(f"{path.stem}_{scale}", scale, chosen))
    return found


def machine_label(records: Iterable[Record]) -> str:
    """The machines of some records in words: 'H100 80GB', or '2 cores of AMD EPYC 7763'."""
    machines = {record.machine.accelerator or _processor(record) for record in records}
    return "; ".join(sorted(machines))


def date_label(records: Iterable[Record]) -> str:
    """The day on which the last of some records was finished, as 2025-11-22."""
    return max((record.finished for record in records), default="")[:10]


def _processor(record: Record) -> str:
    cores = record.machine.cores
    return f"{cores} core{'s' if cores != 1 else ''} of {record.machine.processor}"
