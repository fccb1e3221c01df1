"""What is said of a run before it, while it lasts and after it; and what is kept of it for the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.ledger.durations import Durations, Lately, durations_path, read_durations, write_durations
from common.ledger.observing import PlannedJob
from common.ledger.progress import Progress
from common.ledger.waiting import OnceThereAreJobs
from common.ledger.wording import size
from tests.ledger.histories import TWO_CORES, Clock, Listener, run_job, table_job

RESULTS = Path("results/smoke")


class Watched:
    """Progress of some jobs, with a clock and a listener."""

    def __init__(self, root: Path, *jobs: PlannedJob) -> None:
        self.clock, self.listener = Clock(), Listener()
        self.progress = Progress(root, RESULTS, TWO_CORES, self.listener, self.clock)
        self.progress.planned(jobs)

    def run(self, job: int, seconds: float) -> None:
        self.progress.started(job)
        self.clock.now += seconds
        self.progress.finished(job)


@pytest.fixture
def second(tmp_path: Path) -> Watched:
    """A run and a table, planned for the second time; the first time they took 10 and 2 seconds."""
    jobs = (run_job(0), table_job(1, waits_for=(0,)))
    first = Watched(tmp_path, *jobs)
    first.run(0, 10)
    first.run(1, 2)
    first.progress.ended(True)
    return Watched(tmp_path, *jobs)


def test_the_first_time_nothing_is_known(tmp_path: Path) -> None:
    said = Watched(tmp_path, run_job(0), table_job(1)).listener.said
    assert said == [
        "To run: 1 run, 1 table.\n"
        "Forecast: none. Nothing like it has run here yet; the next time it is known."
    ]


def test_the_second_time_it_is_known(second: Watched) -> None:
    said = second.listener.said[0]
    assert said.startswith("To run: 1 run, 1 table.\nForecast: 12 s (80 %: ")
    assert "\n  " not in said


def test_what_is_unknown_is_named(second: Watched, tmp_path: Path) -> None:
    names = [PlannedJob(9 + n, f"Data set {n}", (f"data/prepared/{n}/x.npy",), (), 1) for n in range(4)]
    said = Watched(tmp_path, run_job(0), *names).listener.said[0]
    assert "Forecast: at least 9.9 s (80 %" in said
    assert "Nothing is known of 4 jobs (Data set 0; Data set 1; Data set 2; …), so it takes" in said


def test_each_start_and_end_is_a_plain_line(second: Watched) -> None:
    second.run(0, 10)
    second.run(1, 2)
    lines = second.listener.said[1:]
    assert lines[0] == "start  ft, seeds (0,)  (about 10 s)"
    assert lines[1].startswith(
        "done   ft, seeds (0,)  10 s  [1 of 2 (50 %), 10 s so far, about 2.0 s left (80 %"
    )
    assert lines[3] == "done   toys: table main  2.0 s  [2 of 2 (100 %), 12 s so far]"
    assert all(line.isprintable() for line in lines)


def test_a_failed_job_stands_out_and_may_be_tried_again(second: Watched) -> None:
    second.progress.started(0)
    second.clock.now += 3
    second.progress.failed(0)
    assert [line.split("  [")[0] for line in second.listener.warned] == ["FAILED ft, seeds (0,)  3.0 s"]
    second.run(0, 10)
    assert "[1 of 2 (50 %), 13 s so far" in second.listener.said[-1]


def test_in_the_end_the_forecast_stands_beside_what_it_took(second: Watched) -> None:
    second.run(0, 11)
    second.run(1, 2)
    second.progress.ended(True)
    assert second.listener.said[-1].startswith("All 2 jobs done in 13 s; forecast: 12 s (80 %: ")


def test_a_run_that_failed_claims_no_success_but_keeps_what_it_saw(second: Watched, tmp_path: Path) -> None:
    second.run(0, 11)
    second.progress.ended(False)
    assert second.listener.said[-1].startswith("done ")
    (machine,) = read_durations(tmp_path / RESULTS).machines.values()
    assert machine["ft, seeds (0,)"].seconds == [10, 11]
    assert machine["toys: table main"].seconds == [2]


def test_an_end_without_a_start_is_told_without_a_time(second: Watched) -> None:
    second.progress.finished(0)
    assert second.listener.said[-1].startswith("done   ft, seeds (0,)  [1 of 2 (50 %), 0.0 s so far")


def test_the_jobs_that_run_are_known_at_any_moment(second: Watched) -> None:
    second.progress.started(0)
    second.clock.now += 4
    (running,) = second.progress.running()
    assert (running.name, running.elapsed) == ("ft, seeds (0,)", 4)
    assert running.left == pytest.approx(6, abs=0.5)
    assert second.progress.total().startswith("0 of 2 (0 %), 4.0 s so far, about 7.8 s left (80 %: ")


def test_where_nothing_is_to_run_nothing_is_made_or_said() -> None:
    made: list[str] = []

    def make() -> Progress:
        made.append("in vain")
        raise AssertionError

    observer = OnceThereAreJobs(make)
    observer.planned([])
    observer.ended(True)
    assert made == []


def test_only_the_last_durations_are_kept(tmp_path: Path) -> None:
    known = Durations()
    for seconds in range(1, 13):
        known = known.with_more("a", {"x": Lately(kind="table", seconds=[seconds], bytes=seconds)}, pace=1.0)
    write_durations(known, tmp_path)
    again = read_durations(tmp_path)
    assert again.machines["a"]["x"] == Lately(kind="table", seconds=list(range(5, 13)), bytes=12)
    assert again.paces == {"a": [1.0] * 8}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 7}', '{"machines": {"a": {"x": 3}}}', "\xff"])
def test_durations_that_cannot_be_read_are_forgotten(text: str, tmp_path: Path) -> None:
    durations_path(tmp_path).write_bytes(text.encode("latin-1"))
    assert read_durations(tmp_path) == Durations()


def test_another_machine_s_durations_are_kept_and_said_so(second: Watched, tmp_path: Path) -> None:
    path = durations_path(tmp_path / RESULTS)
    data = json.loads(path.read_text())
    data["machines"] = {"another": next(iter(data["machines"].values()))}
    path.write_text(json.dumps(data))
    third = Watched(tmp_path, run_job(0), table_job(1))
    assert "\n  Of 2 jobs only another machine's past is known." in third.listener.said[0]
    third.run(0, 1)
    third.progress.ended(True)
    assert "another" in read_durations(tmp_path / RESULTS).machines


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (2**20 * 12.3, "12 MiB"),
        (2**40 * 2, "2048 GiB"),
    ],
)
def test_sizes_in_words(count: float, words: str) -> None:
    assert size(count) == words
