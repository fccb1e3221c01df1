"""Intervals cover as often as they say, counted over simulated samples.

Seeds are fixed; a count may leave its expectation by what happens in one binomial draw of a thousand.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from common.stats.intervals import bootstrap_interval, mean_interval, proportion_interval

REPEATS = 2000


def _expected_range(probability: float, repeats: int) -> tuple[float, float]:
    low, high = binom.interval(0.999, repeats, probability)
    return float(low), float(high)


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_t_interval_covers_95_percent(n: int) -> None:
    samples = np.random.default_rng(n).normal(loc=3.0, scale=2.0, size=(REPEATS, n))
    found = [mean_interval(sample) for sample in samples]
    covered = sum(interval.low <= 3.0 <= interval.high for interval in found)
    low, high = _expected_range(0.95, REPEATS)
    assert low <= covered <= high


def test_bootstrap_covers_95_percent_of_fifty_exponential_values() -> None:
    """Skewed values, n = 50: BCa is second-order accurate, so 93 to 95 % is what theory leaves it."""
    generator = np.random.default_rng(50)
    samples = generator.exponential(size=(500, 50))
    found = [bootstrap_interval(sample, generator, resamples=499) for sample in samples]
    covered = sum(interval.low <= 1.0 <= interval.high for interval in found)
    assert _expected_range(0.93, 500)[0] <= covered <= _expected_range(0.95, 500)[1]


def test_bootstrap_of_five_values_covers_less_than_it_says() -> None:
    """Why five seeds get a t interval: this would fail if the docstring's warning were out of date."""
    generator = np.random.default_rng(5)
    samples = generator.normal(size=(500, 5))
    found = [bootstrap_interval(sample, generator, resamples=499) for sample in samples]
    covered = sum(interval.low <= 0.0 <= interval.high for interval in found)
    assert covered < _expected_range(0.95, 500)[0]


@pytest.mark.parametrize(("n", "probability"), [(30, 0.5), (100, 0.1), (1000, 0.03)])
def test_wilson_covers_95_percent_exactly_summed(n: int, probability: float) -> None:
    """Exact coverage, no simulation: it oscillates with n about 95 % (Brown, Cai and DasGupta 2001)."""
    successes = range(n + 1)
    covered = [(interval := proportion_interval(k, n)).low <= probability <= interval.high for k in successes]
    coverage = float(binom.pmf(successes, n, probability) @ np.array(covered))
    assert coverage == pytest.approx(0.95, abs=0.015)
