"""Gathering what is known of the jobs that are going to run, before Snakemake deletes their receipts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from common.ledger.durations import machine_name, read_durations
from common.ledger.kinds import RunName, runs_of
from common.ledger.observing import PlannedJob
from common.ledger.past import Observation, Past
from common.records.collected import read_collected
from common.records.schema import Record
from common.runs.receipt import Receipt
from common.strict import BadInputError, validate


def remember(jobs: Sequence[PlannedJob], results: Path, root: Path, machine: str) -> Past:
    """What is known of jobs like these: receipts and durations of their scale, else committed recordings.

    Args:
        jobs: those that are going to run.
        results: folder of the scale, results/<scale>, relative to `root`.
        root: of the project.
        machine: the name of this one, by `machine_name`.
    """
    past = Past()
    wanted = {(run.paper, run.step) for job in jobs for run in runs_of(job)}
    for paper, step in sorted(wanted):
        for receipt in _receipts(root / results / paper / "receipts" / step):
            past.add_run(*_of_receipt(receipt, machine))
    for place, known in read_durations(root / results).machines.items():
        for name, lately in known.items():
            for seconds in lately.seconds:
                observation = Observation(seconds, bytes=lately.bytes, here=place == machine)
                past.add_job(name, lately.kind, observation)
    _add_recorded(past, wanted - set(past.steps()), results.name, root, machine)
    return past


def _receipts(folder: Path) -> Iterator[Receipt]:
    """The receipts of a step. One that can't be used tells nothing; whoever needs the job will say so."""
    for path in sorted(folder.glob("*/seed*.json")):
        try:
            yield validate(Receipt, json.loads(path.read_text()), str(path))
        except (ValueError, BadInputError):
            continue


def _of_receipt(receipt: Receipt, machine: str) -> tuple[RunName, Observation]:
    here = machine_name(receipt.machine) == machine
    run = RunName(receipt.paper, receipt.step, receipt.method, receipt.seed)
    return run, Observation(receipt.seconds, receipt.memory_mib, receipt.bytes, here)


def _add_recorded(past: Past, steps: set[tuple[str, str]], scale: str, root: Path, machine: str) -> None:
    """Add what committed records of the same scale say of steps that have no receipt."""
    cells: dict[RunName, list[Record]] = {}
    for paper in sorted({paper for paper, _ in steps}):
        for path in sorted(root.glob(f"papers/{paper}/recorded/*.jsonl")):
            for record in (line.record for line in read_collected(path)):
                if record.scale == scale and (paper, record.step) in steps:
                    run = RunName(paper, record.step, record.method, record.seed)
                    cells.setdefault(run, []).append(record)
    for run, records in cells.items():
        past.add_run(run, _of_cells(records, machine))


def _of_cells(records: Sequence[Record], machine: str) -> Observation:
    """What one run took, from its cells' records; the start of its process is in none of them."""
    peaks = [record.cost.memory_mib for record in records if record.cost.memory_mib is not None]
    return Observation(
        seconds=sum(record.cost.seconds for record in records),
        memory_mib=max(peaks, default=None),
        here=machine_name(records[0].machine) == machine,
    )
