"""What of the past counts for a job, and how sure that is."""

from __future__ import annotations

from random import Random
from statistics import median

import pytest

from common.ledger.estimates import Estimate, bytes_of, duration_of, memory_of
from common.ledger.kinds import counted_by_kind, kind_of
from common.ledger.observing import PlannedJob
from common.ledger.past import Observation, Past
from tests.ledger.histories import past_of, run_job, run_of, table_job


def found(job: PlannedJob, past: Past) -> Estimate:
    estimate = duration_of(job, past)
    assert estimate is not None
    return estimate


def test_the_same_run_counts_before_other_seeds_and_these_before_other_methods() -> None:
    past = past_of(ft=10, rl=20)
    past.add_run(run_of("ft", 1), Observation(12))
    same, seeds, methods = (
        found(job, past) for job in (run_job(0, "ft"), run_job(1, "ft", [7]), run_job(2, "scrub"))
    )
    assert same.seconds == pytest.approx(10)
    assert seeds.seconds == pytest.approx((10 * 12) ** 0.5)
    assert methods.seconds == pytest.approx(12)  # the median of 10, 12, 20
    assert same.width < seeds.width < methods.width
    assert (same.same, seeds.same, methods.same) == (True, False, False)


def test_runs_that_share_a_process_add_up() -> None:
    past = past_of(ft=10)
    past.add_run(run_of("ft", 1), Observation(4))
    assert found(run_job(0, "ft", [0, 1]), past).seconds == pytest.approx(14)


def test_a_step_that_never_ran_is_unknown() -> None:
    assert duration_of(run_job(0), Past()) is None
    assert duration_of(table_job(0), past_of(ft=10)) is None


def test_another_machine_counts_only_where_this_one_knows_nothing() -> None:
    past = Past()
    past.add_run(run_of("ft"), Observation(100, here=False))
    alone = found(run_job(0), past)
    assert alone.seconds == pytest.approx(100)
    assert alone.here is False
    past.add_run(run_of("rl"), Observation(5))
    known = found(run_job(0), past)
    assert known.seconds == pytest.approx(5)
    assert known.here is True
    assert alone.width >= 0.7


def test_how_long_a_job_lately_took_counts_before_the_receipts_of_its_runs() -> None:
    past, job = past_of(ft=10), run_job(0)
    past.add_job(job.name, "run", Observation(11))
    assert found(job, past).seconds == pytest.approx(11)
    assert found(run_job(1, "ft", [0, 1]), past).seconds == pytest.approx(20)


def test_a_table_counts_for_another_table_and_for_no_figure() -> None:
    past = Past()
    past.add_job("toys: table main", "table", Observation(3, bytes=70))
    assert found(table_job(0, "other"), past).seconds == pytest.approx(3)
    assert bytes_of(table_job(0, "other"), past) == 70
    figure = PlannedJob(0, "toys: figure x", ("results/smoke/toys/figures/x.svg",), (), 1)
    assert duration_of(figure, past) is None


def test_what_varies_more_is_less_sure_and_agreement_has_its_limit() -> None:
    steady = found(run_job(0), past_of(ft=[10] * 8))
    unsteady = found(run_job(0), past_of(ft=[5, 20, 10, 6, 17, 10, 9, 12]))
    assert 0.08 <= steady.width < 0.12 < unsteady.width


def test_memory_is_the_largest_of_the_runs_and_bytes_are_their_sum() -> None:
    past = past_of(ft=10)
    past.add_run(run_of("ft", 1), Observation(9, memory_mib=300.0, bytes=500))
    job = run_job(0, "ft", [0, 1])
    assert memory_of(job, past) == 300
    assert bytes_of(job, past) == 1500
    assert (memory_of(table_job(1), past), bytes_of(table_job(1), past)) == (None, None)


def test_draws_are_those_of_the_distribution_also_of_what_has_run_for_a_while() -> None:
    estimate, random = Estimate(10, 0.3, same=True, here=True), Random(1)
    assert median(estimate.draw(random) for _ in range(4000)) == pytest.approx(10, rel=0.03)
    late = [estimate.draw(random, after=12) for _ in range(2000)]
    assert min(late) >= 12
    everything = [value for value in (estimate.draw(random) for _ in range(20000)) if value > 12]
    assert median(late) == pytest.approx(median(everything), rel=0.03)
    assert median(late) == pytest.approx(estimate.quantile(0.5, after=12), rel=0.03)


def test_a_job_that_takes_far_longer_than_ever_is_soon_expected_to_end() -> None:
    late = Estimate(10, 0.1, same=True, here=True).quantile(0.5, after=1000)
    assert 1000 < late < 1200


def test_jobs_are_counted_by_what_they_make() -> None:
    data = PlannedJob(3, "Data set x", ("data/prepared/x/a.npy",), (), 1)
    page = PlannedJob(4, "toys: page", ("site/smoke/toys/index.html",), (), 1)
    verdicts = PlannedJob(5, "toys: verdicts", ("results/smoke/toys/verdicts.json",), (), 1)
    jobs = [run_job(0, "ft", [0, 1]), table_job(1), table_job(2), data, page, verdicts]
    assert counted_by_kind(jobs) == "2 runs, 1 data set, 2 tables, 1 page, 1 other"
    assert [kind_of(job) for job in jobs[3:]] == ["data set", "page", "other"]
