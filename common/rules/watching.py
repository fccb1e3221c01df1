"""Hearing what Snakemake says of its jobs, and passing it on to those who look on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from operator import methodcaller
from typing import Any

from common.ledger.observing import Observer, PlannedJob
from common.refusals import refusals_in_words
from common.strict import BadInputError


class Watcher(logging.Handler):
    """A handler of Snakemake's own log that tells `observers` of each event.

    What Snakemake logs is the one place where it says which jobs run: its hooks are not called where
    nothing is to be done, nor in a dry run. An observer that fails is left out from then on, and named: the
    jobs go on, and the workflow ends in an error once they are done.
    """

    def __init__(
        self, workflow: Any, observers: Sequence[Observer], occupy: Callable[[Sequence[PlannedJob]], None]
    ) -> None:
        """`occupy` is called with the jobs that will run, and refuses them by a BadInputError."""
        super().__init__(logging.INFO)
        self._workflow = workflow
        self._observers = list(observers)
        self._occupy = occupy
        self._planned: set[int] | None = None
        self._jobs_go_on = True
        self._failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one event on."""
        event = str(getattr(record, "event", ""))
        if not self._workflow.is_main_process or self._workflow.touch:
            return  # a job of ours, on another machine perhaps; or nothing runs, and files look as if it had
        if event == "run_info" and self._planned is None:
            # Under --quiet, Snakemake would not even log, for whomever, that a job has finished.
            self._workflow.scheduler.print_progress = not self._workflow.dryrun
            self._plan(_planned_jobs(self._workflow))
        elif self._is_nothing_to_do(record):
            self._plan([])
            if not self._workflow.dryrun:
                self.end(succeeded=True)
        elif not self._workflow.dryrun:
            self._pass_on(event, record)

    def end(self, succeeded: bool) -> None:
        """Say that no job will run any more, if it was ever said that some will.

        What an observer won't accept, or that one has failed, ends the workflow in an error, as a job does.
        """
        if self._planned is None:
            return
        self._jobs_go_on = False
        self._tell_all(methodcaller("ended", succeeded))
        failure = " ".join(self._failures)
        if failure and succeeded:
            raise _error_of_the_workflow(failure)
        if failure:
            _logger().error(failure)

    def _plan(self, jobs: Sequence[PlannedJob]) -> None:
        self._planned = {job.id for job in jobs}
        if not self._workflow.dryrun:
            try:
                with refusals_in_words():
                    self._occupy(jobs)
            except BadInputError as error:
                raise _error_of_the_workflow(str(error)) from None
        self._tell_all(methodcaller("planned", jobs))

    def _pass_on(self, event: str, record: Any) -> None:
        if event == "job_started":
            self._tell_of(record.jobs, "started")
        elif event == "job_finished":
            self._tell_of([record.job_id], "finished")
        elif event == "job_error":
            self._tell_of([record.jobid], "failed")

    def _tell_of(self, jobs: Iterable[int], what: str) -> None:
        """Call the method `what` of each observer, for jobs that were planned; targets were not."""
        for job in jobs:
            if job in (self._planned or ()):
                self._tell_all(methodcaller(what, job))

    def _tell_all(self, what: Callable[[Observer], None]) -> None:
        for observer in list(self._observers):
            try:
                with refusals_in_words():
                    what(observer)
            except BadInputError as error:
                self._leave_out(observer, str(error), error)
            except Exception as error:
                failure = f"{type(observer).__name__} failed ({type(error).__name__}: {error})."
                self._leave_out(observer, failure, error)

    def _leave_out(self, observer: Observer, failure: str, error: Exception) -> None:
        """Say at once who fails, not only when all jobs are done; `--verbose` says where."""
        self._observers.remove(observer)
        self._failures.append(failure)
        if self._jobs_go_on:
            _logger().warning(f"{failure} The jobs go on without it.")
        _logger().debug("Its place:", exc_info=error)

    def _is_nothing_to_do(self, record: logging.LogRecord) -> bool:
        from snakemake.workflow import NOTHING_TO_BE_DONE_MSG

        return bool(record.msg == NOTHING_TO_BE_DONE_MSG)


def _logger() -> logging.Logger:
    from snakemake import logging as snakemake_logging

    found: logging.Logger = snakemake_logging.logger
    return found


def _error_of_the_workflow(sentence: str) -> Exception:
    """What Snakemake prints as a sentence, and ends with."""
    from snakemake_interface_common.exceptions import WorkflowError

    return WorkflowError(sentence)


def _planned_jobs(workflow: Any) -> list[PlannedJob]:
    """The jobs that the graph says need to run, those without outputs (such as `all`) left out."""
    dag = workflow.dag
    limited = set(workflow.global_resources) - {"_cores", "_nodes"}
    wanted = {job: None for job in dag.needrun_jobs() if job.output}
    return [
        PlannedJob(
            id=dag.jobid(job),
            name=str(job.message or job.rule.name),
            outputs=tuple(map(str, job.output)),
            waits_for=tuple(dag.jobid(other) for other in dag.dependencies[job] if other in wanted),
            threads=job.threads,
            resources={name: job.resources[name] for name in limited & set(job.resources.keys())},
        )
        for job in wanted
    ]
