"""One run of a paper at a time: two would delete and make the same files under each other's hands.

The locks are the operating system's, which end with the process: a run that was killed leaves nothing to
unlock. Its jobs may outlive it, though, and hold locks of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from common.data.manifests import PREPARED
from common.ledger.observing import PlannedJob
from common.occupancy import is_occupied, occupy
from common.records.schema import Scale
from common.runs.plan import jobs_lock
from common.strict import BadInputError

_LOCK = ".run.lock"


def occupy_outputs(jobs: Sequence[PlannedJob], scale: Scale, root: Path) -> None:
    """Lock every paper and data set that the jobs make something of, until this process ends.

    Raises BadInputError where another run, or a job that such a run left behind, is at work on one of them.
    """
    outputs = [Path(path) for job in jobs for path in job.outputs]
    for dataset in sorted(set(_datasets(outputs))):
        if not occupy(root / PREPARED / f".{dataset}{_LOCK}"):
            raise BadInputError(f"Another run is preparing the data set {dataset}. Wait until it has ended.")
    for paper in sorted(set(_papers(outputs, scale))):
        _occupy_paper(paper, scale, root)


def _occupy_paper(paper: str, scale: Scale, root: Path) -> None:
    if not occupy(root / "results" / scale / paper / _LOCK):
        raise BadInputError(
            f"Another run is at work on {paper} at {scale} scale in this folder. "
            f"Wait until it has ended, run another paper, or use another clone."
        )
    if is_occupied(root / jobs_lock(scale, paper)):
        raise BadInputError(
            f"A job of {paper} is still at work, started by hand or left behind by a run that was killed. "
            f"Wait until it has ended, or stop it: pkill -f 'common.runs {paper} '"
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
