"""Forecasts of made-up runs: how often they hold, what they say they don't know, what they learn."""

from __future__ import annotations

import math
from random import Random

import pytest

from common.ledger.forecast import Forecast
from common.ledger.kinds import RunName
from common.ledger.past import Observation, Past
from common.ledger.schedule import Schedule
from tests.ledger.histories import TWO_CORES, past_of, run_job, run_of, table_job

METHODS = [f"method{letter}" for letter in "abcdefgh"]


def truth_and_forecast(random: Random) -> tuple[float, Forecast]:
    """Eight methods that ran three times, on a machine whose pace changes; and how long they take now."""
    typical = {method: math.exp(random.uniform(0, 4)) for method in METHODS}

    def course() -> dict[str, float]:
        pace = math.exp(random.gauss(0, 0.15))
        return {name: took * pace * math.exp(random.gauss(0, 0.1)) for name, took in typical.items()}

    past = Past()
    for earlier in (course() for _ in range(3)):
        for method, seconds in earlier.items():
            past.add_run(RunName("toys", "training", method, 0), Observation(seconds))
    jobs = [run_job(number, method) for number, method in enumerate(METHODS)]
    now = dict(enumerate(course().values()))
    return Schedule(jobs, TWO_CORES).course(now, {}).seconds, Forecast(jobs, TWO_CORES, past)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    random, held = Random(5), 0
    for _ in range(200):
        truth, forecast = truth_and_forecast(random)
        span = forecast.span()
        held += span.low <= truth <= span.high
    # 80 % of 200, and what chance and the guessed widths may add: a binomial's 160 ± 17, a little wide above.
    assert 143 <= held <= 185


def test_one_past_makes_one_forecast() -> None:
    jobs = [run_job(0), run_job(1, "rl")]
    spans = [Forecast(jobs, TWO_CORES, past_of(ft=3, rl=5)).span() for _ in range(2)]
    assert spans[0] == spans[1]
    assert spans[0].seconds == pytest.approx(5, rel=0.1)
    assert spans[0].low < spans[0].seconds < spans[0].high
    assert spans[0].memory_mib == 200
    assert Forecast(jobs, {"_cores": 1}, past_of(ft=3, rl=5)).span().memory_mib == 100


def test_jobs_of_which_nothing_is_known_are_named_and_count_as_nothing() -> None:
    forecast = Forecast([run_job(0), table_job(1)], TWO_CORES, past_of(ft=10))
    assert forecast.span().unknown == ("toys: table main",)
    assert forecast.bytes() == (1000, 1)


def test_what_was_unknown_is_known_once_its_like_has_run() -> None:
    jobs = [run_job(0), run_job(1, "rl"), table_job(2, waits_for=(0, 1))]
    forecast = Forecast(jobs, {"_cores": 1}, Past())
    forecast.ended(0, 10.0)
    span = forecast.span(done={0})
    assert span.unknown == ("toys: table main",)
    assert span.seconds == pytest.approx(10, rel=0.2)


def test_a_slower_machine_shows_in_what_is_left() -> None:
    jobs = [run_job(number, method) for number, method in enumerate(METHODS)]
    forecast = Forecast(jobs, {"_cores": 1}, past_of(**{method: [10] * 4 for method in METHODS}))
    before = forecast.span(done={0, 1, 2, 3})
    for job in range(4):
        forecast.ended(job, 20.0)
    after = forecast.span(done={0, 1, 2, 3})
    assert before.seconds == pytest.approx(40, rel=0.1)
    assert 65 < after.seconds < 82
    assert (after.high - after.low) / after.seconds < (before.high - before.low) / before.seconds
    assert forecast.pace == pytest.approx(2, rel=0.25)


def test_a_machine_that_was_unsteady_makes_the_interval_wide() -> None:
    jobs, past = [run_job(0)], past_of(ft=[10] * 8)
    steady, unsteady = (
        Forecast(jobs, TWO_CORES, past, paces).span() for paces in ([1.0] * 8, [0.5, 2.0] * 4)
    )
    assert steady.high - steady.low < 4 < 12 < unsteady.high - unsteady.low


def test_what_has_run_for_a_while_has_less_to_go() -> None:
    forecast = Forecast([run_job(0)], TWO_CORES, past_of(ft=[10] * 8))
    assert forecast.span({0: 8.0}).seconds == pytest.approx(2, rel=0.3)
    assert forecast.span({0: 8.0}).after(1.0).seconds == pytest.approx(1, rel=0.5)
    assert forecast.span({0: 8.0}).after(60.0).high == 0


def test_a_past_of_another_machine_is_said_so() -> None:
    past = Past()
    past.add_run(run_of("ft"), Observation(10, here=False))
    assert Forecast([run_job(0), table_job(1)], TWO_CORES, past).from_elsewhere() == 1
