"""An observer that is made only where jobs are to run: where none are, Snakemake should end at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.ledger.observing import Observer, PlannedJob


class OnceThereAreJobs:
    """Stands for the observer that `make` makes, with all that it imports."""

    def __init__(self, make: Callable[[], Observer]) -> None:
        self._make = make
        self._made: Observer | None = None

    def planned(self, jobs: Sequence[PlannedJob]) -> None:
        """Make the observer, where there are jobs."""
        if jobs:
            self._made = self._make()
            self._made.planned(jobs)

    def started(self, job: int) -> None:
        """A job was begun."""
        if self._made:
            self._made.started(job)

    def finished(self, job: int) -> None:
        """A job has left its outputs."""
        if self._made:
            self._made.finished(job)

    def failed(self, job: int) -> None:
        """A job ended without."""
        if self._made:
            self._made.failed(job)

    def ended(self, succeeded: bool) -> None:
        """No job will run any more."""
        if self._made:
            self._made.ended(succeeded)
