"""What Snakemake logs reaches those who look on, and none of them can end a run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import snakemake.api  # noqa: F401  (its other modules import each other, and only in this order)
from snakemake_interface_common.exceptions import WorkflowError

from common.ledger.observing import PlannedJob
from common.rules.telling import limits
from common.rules.watching import Watcher
from common.strict import BadInputError


class Keeper:
    """An observer that keeps what it is told, and fails at one event."""

    def __init__(self, fails_at: str = "") -> None:
        self.told: list[tuple[str, Any]] = []
        self._fails_at = fails_at

    def _keep(self, event: str, what: Any) -> None:
        self.told.append((event, what))
        if event == self._fails_at:
            raise ZeroDivisionError("nothing to share")

    def planned(self, jobs: Sequence[PlannedJob]) -> None:
        self._keep("planned", [(job.id, job.waits_for, job.resources) for job in jobs])

    def started(self, job: int) -> None:
        self._keep("started", job)

    def finished(self, job: int) -> None:
        self._keep("finished", job)

    def failed(self, job: int) -> None:
        self._keep("failed", job)

    def ended(self, succeeded: bool) -> None:
        self._keep("ended", succeeded)


class Job:
    """A job of Snakemake's, as far as it is looked at."""

    def __init__(self, number: int, output: tuple[str, ...] = ("a",)) -> None:
        self.number, self.output, self.threads = number, output, 1
        self.message, self.rule = f"job {number}", SimpleNamespace(name="rule")
        self.resources = {"_cores": 1, "_nodes": 1, "gpu": 1, "tmpdir": "somewhere"}


def workflow_of(**facts: Any) -> Any:
    """Snakemake's workflow with two jobs, the second waiting for the first, and a target."""
    first, second, target = Job(0), Job(1), Job(2, output=())
    dag = SimpleNamespace(
        needrun_jobs=lambda: [first, second, target],
        jobid=lambda job: job.number,
        dependencies={first: [], second: [first], target: [second]},
    )
    resources = {name: SimpleNamespace(value=value) for name, value in facts.pop("resources", {}).items()}
    usual = {"dryrun": False, "touch": False, "is_main_process": True, "scheduler": SimpleNamespace()}
    return SimpleNamespace(dag=dag, global_resources=resources, **{**usual, **facts})


def occupy(jobs: Sequence[PlannedJob]) -> None:
    """Let all jobs run."""


def log(watcher: Watcher, event: str, **fields: Any) -> None:
    watcher.emit(logging.makeLogRecord({"msg": event, "event": event, **fields}))


def whole_run(watcher: Watcher) -> None:
    log(watcher, "run_info")
    log(watcher, "job_started", jobs=[0])
    log(watcher, "job_finished", job_id=0)
    log(watcher, "job_started", jobs=[1, 2])
    log(watcher, "job_error", jobid=1)
    log(watcher, "job_finished", job_id=2)
    watcher.end(succeeded=False)


AFTER_PLAN = [("started", 0), ("finished", 0), ("started", 1), ("failed", 1), ("ended", False)]


def test_each_event_of_a_job_is_passed_on() -> None:
    keeper, workflow = Keeper(), workflow_of(resources={"_cores": 2, "_nodes": None, "gpu": 1})
    whole_run(Watcher(workflow, [keeper], occupy))
    assert keeper.told == [("planned", [(0, (), {"gpu": 1}), (1, (0,), {"gpu": 1})]), *AFTER_PLAN]
    assert workflow.scheduler.print_progress is True


def test_a_dry_run_ends_after_its_plan() -> None:
    keeper = Keeper()
    whole_run(Watcher(workflow_of(dryrun=True), [keeper], occupy))
    assert [event for event, _ in keeper.told] == ["planned", "ended"]  # Snakemake itself never ends it


@pytest.mark.parametrize("facts", [{"touch": True}, {"is_main_process": False}])
def test_nothing_is_told_where_no_job_of_ours_runs(facts: dict[str, bool]) -> None:
    keeper = Keeper()
    whole_run(Watcher(workflow_of(**facts), [keeper], occupy))
    assert keeper.told == []


@pytest.mark.parametrize("event", ["planned", "started", "finished", "ended"])
def test_who_fails_is_left_out_and_ends_the_workflow_once_all_jobs_are_done(
    event: str, caplog: pytest.LogCaptureFixture
) -> None:
    failing, keeper = Keeper(fails_at=event), Keeper()
    watcher = Watcher(workflow_of(), [failing, keeper], occupy)
    with caplog.at_level(logging.WARNING, "snakemake.logging"):
        log(watcher, "run_info")
        log(watcher, "job_started", jobs=[0])
        log(watcher, "job_finished", job_id=0)
        with pytest.raises(WorkflowError, match=r"^Keeper failed \(ZeroDivisionError: nothing to share\)\.$"):
            watcher.end(succeeded=True)
    assert [told for told, _ in keeper.told] == ["planned", "started", "finished", "ended"]
    assert failing.told[-1][0] == event
    warned = ["Keeper failed (ZeroDivisionError: nothing to share). The jobs go on without it."]
    assert [record.getMessage() for record in caplog.records] == (warned if event != "ended" else [])


def test_where_a_job_failed_that_is_the_error(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "snakemake.logging"):
        whole_run(Watcher(workflow_of(), [Keeper(fails_at="failed")], occupy))
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert all("Keeper failed" in record.getMessage() for record in caplog.records)


def test_jobs_that_are_refused_do_not_run() -> None:
    def refuse(jobs: Sequence[PlannedJob]) -> None:
        raise BadInputError(f"{len(jobs)} jobs too many.")

    keeper = Keeper()
    with pytest.raises(WorkflowError, match=r"^2 jobs too many\.$"):
        whole_run(Watcher(workflow_of(), [keeper], refuse))
    assert keeper.told == []
    whole_run(Watcher(workflow_of(dryrun=True), [keeper], refuse))
    assert keeper.told[0][0] == "planned"


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({"_cores": 2, "_nodes": None, "gpu": 1, "name": "x"}, {"_cores": 2, "gpu": 1}),
        ({"_cores": 2, "_nodes": 50}, {"_nodes": 50}),
        ({"_cores": None, "_nodes": None}, {}),
    ],
)
def test_what_limits_the_jobs(resources: dict[str, Any], expected: dict[str, int]) -> None:
    assert limits(workflow_of(resources=resources)) == expected
