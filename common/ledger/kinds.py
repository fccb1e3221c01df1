"""What kind of job one is: runs, which leave receipts, and what is made of them; told by its outputs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from common.ledger.numbers_in_words import counted
from common.ledger.observing import PlannedJob

Kind = Literal["run", "data set", "table", "figure", "page", "other"]

_RECEIPT = re.compile(
    r"results/[^/]+/(?P<paper>\w+)/receipts/(?P<step>\w+)/(?P<method>\w+)/seed(?P<seed>\d+)\.json$"
)
# Whichever comes first counts: the path of a data set may hold any word.
_FOLDERS: dict[str, Kind] = {
    "data/": "data set",
    "results/[^/]+/[^/]+/tables/": "table",
    "results/[^/]+/[^/]+/figures/": "figure",
    "site/": "page",
}


class RunName(NamedTuple):
    """One method of one step at one seed; a job may run several."""

    paper: str
    step: str
    method: str
    seed: int


def run_name(path: str) -> RunName | None:
    """The run whose receipt lies at `path`; None for any other file."""
    match = _RECEIPT.match(path)
    return RunName(match["paper"], match["step"], match["method"], int(match["seed"])) if match else None


def runs_of(job: PlannedJob) -> list[RunName]:
    """The runs that the job is made of; none where it makes something else."""
    return [run for run in map(run_name, job.outputs) if run is not None]


def kind_of(job: PlannedJob) -> Kind:
    """What the job makes; what joins or judges records is `other`."""
    if runs_of(job):
        return "run"
    for folder, kind in _FOLDERS.items():
        if re.match(folder, job.outputs[0]):
            return kind
    return "other"


def counted_by_kind(jobs: Sequence[PlannedJob]) -> str:
    """How many jobs of which kind, as "6 runs, 1 table"; seeds and methods that share a job are runs each."""
    counts = Counter(kind_of(job) for job in jobs)
    counts["run"] = sum(len(runs_of(job)) for job in jobs)
    order: tuple[Kind, ...] = ("run", "data set", "table", "figure", "page", "other")
    return ", ".join(_number(counts[kind], kind) for kind in order if counts[kind])


def _number(count: int, kind: Kind) -> str:
    return f"{count} {kind}" if kind == "other" else counted(count, kind)
