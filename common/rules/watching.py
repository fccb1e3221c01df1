"""Hearing what Snakemake says of its jobs, and passing it on to those who look on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from common.ledger.observing import Observer, PlannedJob
from common.strict import BadInputError


class Watcher(logging.Handler):
    """A handler of Snakemake's own log that tells `observers` of each event.

    What Snakemake logs is the one place where it says which jobs run: its hooks are not called where
    nothing is to be done, nor in a dry run.
    """

    def __init__(
        self, workflow: Any, observers: Sequence[Observer], occupy: Callable[[Sequence[PlannedJob]], None]
    ) -> None:
        """`occupy` is called with the jobs that will run, and refuses them by a BadInputError."""
        super().__init__(logging.INFO)
        self._workflow = workflow
        self._observers = observers
        self._occupy = occupy
        self._planned: set[int] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one event on."""
        event = str(getattr(record, "event", ""))
        if event == "run_info" and self._planned is None:
            self._plan(_planned_jobs(self._workflow.dag))
        elif self._is_nothing_to_do(record):
            self._plan([])
            if not self._workflow.dryrun:
                self.end(succeeded=True)
        elif not self._workflow.dryrun:
            self._pass_on(event, record)

    def end(self, succeeded: bool) -> None:
        """Say that no job will run any more.

        What an observer won't accept ends the workflow in an error, as a job that fails does.
        """
        with _as_an_error_of_the_workflow():
            for observer in self._observers:
                observer.ended(succeeded)

    def _plan(self, jobs: Sequence[PlannedJob]) -> None:
        self._planned = {job.id for job in jobs}
        if not self._workflow.dryrun:
            with _as_an_error_of_the_workflow():
                self._occupy(jobs)
        for observer in self._observers:
            observer.planned(jobs)

    def _pass_on(self, event: str, record: Any) -> None:
        if event == "job_started":
            self._tell(Observer.started, record.jobs)
        elif event == "job_finished":
            self._tell(Observer.finished, [record.job_id])
        elif event == "job_error":
            self._tell(Observer.failed, [record.jobid])

    def _tell(self, what: Callable[..., None], jobs: Iterable[int]) -> None:
        """Call the method `what` of each observer, for jobs that were planned; targets were not."""
        for job in jobs:
            if job in (self._planned or ()):
                for observer in self._observers:
                    getattr(observer, what.__name__)(job)

    def _is_nothing_to_do(self, record: logging.LogRecord) -> bool:
        from snakemake.workflow import NOTHING_TO_BE_DONE_MSG

        return bool(record.msg == NOTHING_TO_BE_DONE_MSG)


@contextmanager
def _as_an_error_of_the_workflow() -> Iterator[None]:
    """Raise a BadInputError as what Snakemake prints as a sentence, and ends with."""
    from snakemake_interface_common.exceptions import WorkflowError

    try:
        yield
    except BadInputError as error:
        raise WorkflowError(str(error)) from None


def _planned_jobs(dag: Any) -> list[PlannedJob]:
    """The jobs that the graph says need to run, those without outputs (such as `all`) left out."""
    wanted = [job for job in dag.needrun_jobs() if job.output]
    return [
        PlannedJob(
            id=dag.jobid(job),
            name=str(job.message or job.rule.name),
            outputs=tuple(map(str, job.output)),
            waits_for=tuple(dag.jobid(other) for other in dag.dependencies[job] if other in wanted),
            threads=job.threads,
        )
        for job in wanted
    ]
