"""The receipt of a whole run: for each job and each table cell, whether it was made now, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from common.records.schema import Name, Scale
from common.strict import StrictModel

JobState = Literal["fresh", "cached", "not run", "failed", "refused"]
CellState = Literal["fresh", "cached", "recorded", "not run", "incomplete", "refused"]


class JobLine(StrictModel):
    """One method of a step at one seed.

    Attributes:
        state: fresh, if it ran in this run; cached, if it had run before; refused, if a record of it isn't
            the one that it left.
        why: why it ran; what is wrong, where it is refused.
        records: path of each record -> SHA-256 of its bytes.
    """

    step: Name
    method: Name
    seed: int
    state: JobState
    why: list[str] = []
    records: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The job in words."""
        return f"{self.step} {self.method}, seed {self.seed}"


class CellLine(StrictModel):
    """One cell of a table; `hash` is that of the hashes of its records, '' where it has none."""

    cell: str
    section: str  # here, or the committed file that it was recorded in
    state: CellState
    why: list[str] = []
    hash: str = ""


class PaperLines(StrictModel):
    """All jobs and all table cells of one paper."""

    paper: Name
    jobs: list[JobLine]
    tables: dict[str, list[CellLine]]

    def count_jobs(self) -> Counter[str]:
        """State -> number of jobs."""
        return Counter(job.state for job in self.jobs)

    def count_cells(self) -> Counter[str]:
        """State -> number of cells over all tables."""
        return Counter(cell.state for cells in self.tables.values() for cell in cells)


class RunReceipt(StrictModel):
    """The file results/receipt.json.

    Attributes:
        executed: names of all jobs that Snakemake ran, those that made tables, figures and pages included.
        finished: ISO 8601, UTC.
    """

    version: Literal[1] = 1
    scale: Scale
    succeeded: bool
    commit: str
    finished: str
    seconds: float
    executed: list[str]
    papers: list[PaperLines]

    def refusals(self) -> list[str]:
        """What is wrong with each job that is refused."""
        return [
            why for paper in self.papers for job in paper.jobs if job.state == "refused" for why in job.why
        ]


def sum_counts(counts: Sequence[Counter[str]]) -> Counter[str]:
    """The sum of several counts."""
    return sum(counts, Counter[str]())
