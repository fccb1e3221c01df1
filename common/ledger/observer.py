"""Writing the receipt of the whole run, once Snakemake has run what it had to."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from common.atomic import write_text
from common.ledger.basis import basis_of, changes
from common.ledger.cells import Job, cell_lines
from common.ledger.observing import PlannedJob
from common.ledger.receipt_text import to_markdown
from common.ledger.run_receipt import JobLine, JobState, PaperLines, RunReceipt
from common.records.machine import commit_of
from common.records.schema import Scale
from common.runs.plan import JobSpec
from common.runs.receipt import Receipt, check_untouched, read_receipt
from common.strict import BadInputError

RECEIPT = Path("results/receipt.json")
NEW = "new: it had never run"
AGAIN = "nothing that it hangs on changed: its files were missing, or it was asked for again"


class ReceiptWriter:
    """An observer that writes results/receipt.json and .md.

    `papers` are those that were asked for, each with all of its jobs. The receipts of jobs that will run are
    read before, as Snakemake deletes what a job makes before it runs it.
    """

    def __init__(self, root: Path, scale: Scale, papers: Mapping[str, Sequence[JobSpec]]) -> None:
        self._root, self._scale, self._papers = root, scale, papers
        self._began = time.time()
        self._planned: dict[int, PlannedJob] = {}
        self._before: dict[str, Receipt | None] = {}
        self._finished: list[PlannedJob] = []
        self._failed: set[str] = set()

    def planned(self, jobs: Sequence[PlannedJob]) -> None:
        """Keep what the jobs hung on when they last ran."""
        self._planned = {job.id: job for job in jobs}
        outputs = {path for job in jobs for path in job.outputs}
        for spec in self._specs():
            if spec.receipt.as_posix() in outputs:
                self._before[spec.receipt.as_posix()] = _readable(spec, self._root)

    def started(self, job: int) -> None:
        """Nothing is known of it yet."""

    def finished(self, job: int) -> None:
        """Count it among those that ran, though it may have failed before."""
        self._finished.append(self._planned[job])
        self._failed.difference_update(self._planned[job].outputs)

    def failed(self, job: int) -> None:
        """Remember what it was to make."""
        self._failed.update(self._planned[job].outputs)

    def ended(self, succeeded: bool) -> None:
        """Write the receipt; raises BadInputError where a record isn't the one that its job left."""
        receipt = RunReceipt(
            scale=self._scale,
            succeeded=succeeded,
            commit=commit_of(self._root),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.time() - self._began, 1),
            executed=[job.name for job in self._finished],
            papers=[self._paper(paper) for paper in self._papers],
        )
        write_text(self._root / RECEIPT, receipt.model_dump_json(indent=1) + "\n")
        write_text(self._root / RECEIPT.with_suffix(".md"), to_markdown(receipt))
        if succeeded and receipt.refusals():
            raise BadInputError(" ".join(receipt.refusals()))

    def _specs(self) -> list[JobSpec]:
        return [spec for specs in self._papers.values() for spec in specs]

    def _paper(self, paper: str) -> PaperLines:
        made = {path for job in self._finished for path in job.outputs}
        lines: dict[Job, JobLine] = {
            (spec.step, spec.method, spec.seed): self._job(spec, spec.receipt.as_posix() in made)
            for spec in self._papers[paper]
        }
        return PaperLines(
            paper=paper,
            jobs=list(lines.values()),
            tables=cell_lines(paper, self._papers[paper], lines, self._root),
        )

    def _job(self, spec: JobSpec, fresh: bool) -> JobLine:
        if spec.receipt.as_posix() in self._failed:
            return _line(spec, "failed")
        if not (self._root / spec.receipt).is_file():
            return _line(spec, "not run")
        try:
            receipt = check_untouched(spec, self._root)
        except BadInputError as error:
            return _line(spec, "refused", [str(error)])
        why = _reasons(self._before[spec.receipt.as_posix()], receipt) if fresh else []
        return _line(spec, "fresh" if fresh else "cached", why, receipt.records)


def _readable(spec: JobSpec, root: Path) -> Receipt | None:
    """The receipt of a job that will run again; what can't be read counts as none."""
    try:
        return read_receipt(spec, root)
    except BadInputError:
        return None


def _reasons(before: Receipt | None, after: Receipt) -> list[str]:
    if before is None:
        return [NEW]
    return [str(change) for change in changes(basis_of(before), basis_of(after))] or [AGAIN]


def _line(
    spec: JobSpec, state: JobState, why: Sequence[str] = (), records: Mapping[str, str] | None = None
) -> JobLine:
    return JobLine(
        step=spec.step,
        method=spec.method,
        seed=spec.seed,
        state=state,
        why=list(why),
        records=dict(records or {}),
    )
