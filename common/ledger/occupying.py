"""One run of a paper at a time: two would delete and make the same files under each other's hands.

The locks are the operating system's, which end with the process: a run that was killed leaves nothing to
unlock. Its jobs may outlive it, though, and hold locks of their own; those that a cluster had not
even begun find that the paper's lock names another run than theirs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

from common.data.manifests import PREPARED
from common.ledger.observing import PlannedJob
from common.occupancy import is_occupied, occupy
from common.records.schema import Scale
from common.runs.plan import jobs_lock
from common.strict import BadInputError

_LOCK = ".run.lock"
_RUN = (
    "REPRODUCTION_RUN"  # environment variable: the run's name and its papers, for the jobs that it hands on
)


def occupy_outputs(jobs: Sequence[PlannedJob], scale: Scale, root: Path) -> None:
    """Lock every paper and data set that the jobs make something of, until this process ends.

    Raises BadInputError where another run, or a job that such a run left behind, is at work on one of them.
    """
    outputs = [Path(path) for job in jobs for path in job.outputs]
    for dataset in sorted(set(_datasets(outputs))):
        if not occupy(root / PREPARED / f".{dataset}{_LOCK}"):
            raise BadInputError(f"Another run is preparing the data set {dataset}. Wait until it has ended.")
    run, papers = uuid4().hex, sorted(set(_papers(outputs, scale)))
    for paper in papers:
        _occupy_paper(paper, scale, root, run)
    os.environ[_RUN] = " ".join([run, *papers])


def check_run_goes_on(scale: Scale, root: Path) -> None:
    """Raise BadInputError in a job that was asked for by a run that was killed, if another has come since.

    It may have waited in a queue meanwhile, and would delete what the other run makes.
    """
    run, *papers = os.environ.get(_RUN, "").split() or [""]
    for paper in papers:
        lock = _lock(paper, scale, root)
        if lock.is_file() and lock.read_text() != run:
            raise BadInputError(
                f"The run that asked for this job was killed, and another has been at work on {paper} since; "
                f"the job is left to that one."
            )


def _lock(paper: str, scale: Scale, root: Path) -> Path:
    return root / "results" / scale / paper / _LOCK


def _occupy_paper(paper: str, scale: Scale, root: Path, run: str) -> None:
    if not occupy(_lock(paper, scale, root), note=run):
        raise BadInputError(
            f"Another run is at work on {paper} at {scale} scale in this folder. "
            f"Wait until it has ended, run another paper, or use another clone."
        )
    if is_occupied(root / jobs_lock(scale, paper)):
        raise BadInputError(
            f"A job of {paper} is still at work, started by hand or left behind by a run that was killed. "
            f"Wait until it has ended, or stop it: pkill -f 'common.runs {paper} ' (on a cluster: scancel)"
        )


def _papers(outputs: Iterable[Path], scale: Scale) -> Iterator[str]:
    """The papers whose results or pages are among the files."""
    for path in outputs:
        if len(path.parts) > 3 and path.parts[:2] in (("results", scale), ("site", scale)):
            yield path.parts[2]


def _datasets(outputs: Iterable[Path]) -> Iterator[str]:
    """The prepared data sets whose arrays are among the files."""
    for path in outputs:
        if path.parent.parent == PREPARED and not path.parent.name.startswith("."):
            yield path.parent.name
