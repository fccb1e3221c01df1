"""The clock is made up: no test hangs on how fast the machine is."""

from __future__ import annotations

from common.benchmark.entries import Ways
from common.benchmark.timing import BUDGET, FEWEST_REPEATS, MOST_REPEATS, time_ways


class Clock:
    """Time passes only where a way is called: each call of the usual way by `slow`, of ours by `fast`."""

    def __init__(self, slow: float, fast: float) -> None:
        self.now, self.calls = 0.0, ""
        self.ways = Ways(lambda: self._pass(slow, "u"), lambda: self._pass(fast, "o"))

    def __call__(self) -> float:
        return self.now

    def _pass(self, seconds: float, who: str) -> None:
        self.now += seconds
        self.calls += who


def test_ways_take_turns_and_the_ratio_is_that_of_neighbours() -> None:
    clock = Clock(slow=4.0, fast=1.0)
    timing = time_ways(clock.ways, clock)
    assert clock.calls == "uo" * (FEWEST_REPEATS + 1)
    assert timing.ratios() == [4.0] * FEWEST_REPEATS
    assert timing.ratio() == 4.0


def test_short_calls_are_repeated_until_a_timing_is_long_enough() -> None:
    clock = Clock(slow=0.002, fast=0.0005)
    timing = time_ways(clock.ways, clock)
    assert len(timing.ours) == MOST_REPEATS
    assert clock.calls.startswith("uo" + "u" * 10 + "o" * 40 + "u" * 10)
    assert abs(timing.ratio() - 4) < 1e-6


def test_a_pair_stays_within_its_budget() -> None:
    clock = Clock(slow=0.2, fast=0.05)
    timing = time_ways(clock.ways, clock)
    assert FEWEST_REPEATS < len(timing.ours) < MOST_REPEATS
    assert clock.now <= BUDGET + 2 * 0.25 + 1e-9


def test_one_slow_moment_does_not_move_the_ratio() -> None:
    clock = Clock(slow=1.0, fast=0.5)
    timing = time_ways(clock.ways, clock)
    timing.usual[1] = 100.0
    assert timing.ratio() == 2.0
