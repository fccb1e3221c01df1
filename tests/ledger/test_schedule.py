"""Courses worked out by hand, and what holds of any."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from common.ledger.observing import PlannedJob
from common.ledger.schedule import Course, Schedule
from tests.ledger.histories import TWO_CORES


def job(number: int, *waits_for: int, threads: int = 1, **resources: int) -> PlannedJob:
    return PlannedJob(number, str(number), (str(number),), waits_for, threads, resources)


def course(jobs: list[PlannedJob], seconds: list[float], limits: dict[str, int]) -> Course:
    memory = {number: 10.0 * (number + 1) for number in range(len(jobs))}
    return Schedule(jobs, limits).course(dict(enumerate(seconds)), memory)


def test_what_waits_begins_when_what_it_waits_for_has_ended() -> None:
    # 0: 0 to 3, 1: 0 to 2, 2 waits for both: 3 to 5
    assert course([job(0), job(1), job(2, 0, 1)], [3, 2, 2], TWO_CORES) == Course(5, 30)


def test_a_free_core_takes_the_next_job() -> None:
    # 0: 0 to 3, 1: 0 to 2, 2: 2 to 4, beside the first (10 + 30 MiB)
    assert course([job(0), job(1), job(2)], [3, 2, 2], TWO_CORES) == Course(4, 40)


def test_one_core_takes_one_after_the_other() -> None:
    assert course([job(0), job(1), job(2)], [3, 2, 2], {"_cores": 1}) == Course(7, 30)


def test_a_job_of_two_threads_waits_for_both_cores_or_for_all_there_are() -> None:
    # 1 would need 3 cores, gets 2: after 0 and 2, which share them.
    assert course([job(0), job(1, threads=3), job(2)], [3, 2, 2], TWO_CORES) == Course(5, 40)


def test_jobs_share_one_graphics_processor_one_after_the_other() -> None:
    jobs = [job(0, gpu=1), job(1, gpu=1), job(2)]
    assert course(jobs, [3, 2, 2], {"_cores": 16, "gpu": 1}) == Course(5, 40)


def test_nothing_limits_where_no_limit_is_known() -> None:
    assert course([job(number) for number in range(3)], [3, 2, 2], {}) == Course(3, 60)


def test_on_a_cluster_the_number_of_jobs_is_limited() -> None:
    jobs = [job(number, threads=8) for number in range(4)]
    assert course(jobs, [2, 2, 2, 2], {"_nodes": 2}).seconds == 4


def test_what_runs_keeps_its_core_and_what_is_done_needs_none() -> None:
    schedule = Schedule([job(0), job(1), job(2, 1), job(3, 0)], TWO_CORES)
    # 0 is done; 1 has 4 s to go, then 2 takes 1 s; 3 begins at once.
    assert schedule.course({1: 4, 2: 1, 3: 2}, {}, done={0}, running={1}).seconds == 5


@given(
    st.lists(st.tuples(st.floats(0, 100), st.sets(st.integers(0, 7), max_size=3)), min_size=1, max_size=8),
    st.integers(1, 4),
)
def test_no_course_beats_its_bounds(drawn: list[tuple[float, set[int]]], cores: int) -> None:
    """At least the work shared out and the longest chain; at most all one after the other."""
    seconds = [took for took, _ in drawn]
    waits = [tuple(other for other in others if other < number) for number, (_, others) in enumerate(drawn)]
    chains: list[float] = []
    for took, others in zip(seconds, waits, strict=True):
        chains.append(took + max((chains[other] for other in others), default=0.0))
    jobs = [job(number, *others) for number, others in enumerate(waits)]
    found = course(jobs, seconds, {"_cores": cores}).seconds
    assert max(*chains, sum(seconds) / cores, 0.0) <= found + 1e-6
    assert found <= sum(seconds) + 1e-6
