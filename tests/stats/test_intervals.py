from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from common.stats.intervals import bootstrap_interval, mean_interval, proportion_interval
from common.strict import BadInputError

SAMPLES = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12)


def test_mean_interval_by_hand() -> None:
    # 1, 2, 3: mean 2, s = 1, error 1/sqrt(3); t(2; .975) = 4.302653 from printed tables.
    found = mean_interval([1.0, 2.0, 3.0])
    assert found.estimate == pytest.approx(2.0)
    assert found.low == pytest.approx(2 - 4.302653 / 3**0.5, abs=1e-6)
    assert found.high == pytest.approx(2 + 4.302653 / 3**0.5, abs=1e-6)
    assert found.n == 3
    assert not found.without_spread


@given(SAMPLES, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_mean_interval_agrees_with_statsmodels(values: list[float], confidence: float) -> None:
    assume(np.ptp(values) > 1e-3)
    found = mean_interval(values, confidence)
    assert (found.low, found.high) == pytest.approx(DescrStatsW(values).tconfint_mean(1 - confidence))


@given(SAMPLES, st.floats(-100, 100), st.floats(0.01, 100), st.randoms())
def test_mean_interval_shifts_scales_and_ignores_order(
    values: list[float], shift: float, scale: float, random: Random
) -> None:
    assume(np.ptp(values) > 1e-3)
    found = mean_interval(values)
    shuffled = list(values)
    random.shuffle(shuffled)
    moved = mean_interval([shift + scale * value for value in shuffled])
    assert (moved.low, moved.high) == pytest.approx(
        (shift + scale * found.low, shift + scale * found.high), abs=1e-6
    )
    mirrored = mean_interval([-value for value in values])
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


def test_no_spread_is_said_and_not_taken_for_certainty() -> None:
    # 0.1 + 0.2 and 0.3 differ in their last bit only.
    for values in ([5.0, 5.0, 5.0], [0.3, 0.1 + 0.2], [0.0, 0.0]):
        assert mean_interval(values).without_spread
        assert bootstrap_interval(values, np.random.default_rng(0)).without_spread
    assert mean_interval([5.0, 5.0]).low == mean_interval([5.0, 5.0]).high == 5.0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([], "0 value"),
        ([1.0], "1 value"),
        ([1.0, float("nan")], "Value 2 of the sample is nan"),
        ([float("inf"), 1.0], "Value 1 of the sample is inf"),
    ],
)
def test_mean_and_bootstrap_refuse_bad_samples(values: list[float], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        mean_interval(values)
    with pytest.raises(BadInputError, match=sentence):
        bootstrap_interval(values, np.random.default_rng(0))


def test_intervals_refuse_a_table_of_numbers_and_a_confidence_in_percent() -> None:
    with pytest.raises(BadInputError, match="one row of numbers"):
        mean_interval(np.zeros((2, 2)))
    with pytest.raises(BadInputError, match="between 0 and 1"):
        mean_interval([1.0, 2.0], confidence=95)
    with pytest.raises(BadInputError, match="between 0 and 1"):
        proportion_interval(1, 2, confidence=95)
    with pytest.raises(BadInputError, match="between 0 and 1"):
        bootstrap_interval([1.0, 2.0], np.random.default_rng(0), confidence=95)


def test_bootstrap_repeats_with_the_generator_and_nears_t_for_normal_values() -> None:
    values = np.random.default_rng(1).normal(size=200)
    first = bootstrap_interval(values, np.random.default_rng(2))
    assert first == bootstrap_interval(values, np.random.default_rng(2))
    student = mean_interval(values)
    assert (first.low, first.high) == pytest.approx((student.low, student.high), abs=0.02)


def test_bootstrap_takes_other_statistics() -> None:
    values = np.random.default_rng(3).exponential(size=101)
    found = bootstrap_interval(values, np.random.default_rng(4), statistic=np.median, resamples=999)
    assert found.low < np.median(values) == found.estimate < found.high


@given(st.integers(1, 500), st.data())
def test_proportion_agrees_with_statsmodels(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    found = proportion_interval(successes, trials)
    expected = proportion_confint(successes, trials, alpha=0.05, method="wilson")
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-12)


def test_proportion_by_hand_and_at_its_ends() -> None:
    # Wilson, k = 0: [0, z² / (n + z²)] with z = 1.959964; for n = 10: 3.841459 / 13.841459.
    found = proportion_interval(0, 10)
    assert found.low == pytest.approx(0.0, abs=1e-12)
    assert found.high == pytest.approx(3.841459 / 13.841459, abs=1e-6)
    assert proportion_interval(10, 10).low == pytest.approx(1 - found.high)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 2)])
def test_proportion_refuses_what_is_none(successes: int, trials: int) -> None:
    with pytest.raises(BadInputError, match="not a proportion"):
        proportion_interval(successes, trials)
