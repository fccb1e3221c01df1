"""Timing two ways beside each other, so that what else the machine does slows both."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.benchmark.entries import Ways

LONG_ENOUGH = 0.02  # seconds: a shorter call is repeated within one timing
FEWEST_REPEATS, MOST_REPEATS = 5, 25
BUDGET = 2.0  # seconds that a pair may take beyond the fewest repeats


@dataclass(frozen=True)
class Timing:
    """Seconds of one call, usual and ours, alternating: the two at one place were measured in turn."""

    usual: list[float]
    ours: list[float]

    def ratios(self) -> list[float]:
        """How many times as long the usual way took, of each two neighbours."""
        return [usual / ours for usual, ours in zip(self.usual, self.ours, strict=True)]

    def ratio(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios())


def time_ways(ways: Ways, clock: Callable[[], float] = time.perf_counter) -> Timing:
    """Time both in turn, after one call of each that warms up: at least five times, for about two seconds."""
    calls = [math.ceil(LONG_ENOUGH / _seconds(way, 1, clock)) for way in (ways.usual, ways.ours)]
    timing = Timing([], [])
    start = clock()
    while len(timing.ours) < FEWEST_REPEATS or (len(timing.ours) < MOST_REPEATS and clock() - start < BUDGET):
        timing.usual.append(_seconds(ways.usual, calls[0], clock))
        timing.ours.append(_seconds(ways.ours, calls[1], clock))
    return timing


def _seconds(way: Callable[[], Any], calls: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(calls):
        way()
    return max(clock() - start, 1e-9) / calls
