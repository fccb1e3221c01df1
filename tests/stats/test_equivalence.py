from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW, ttost_paired

from common.stats.equivalence import equivalent_pairs, equivalent_to_value, two_one_sided_tests
from common.stats.student import estimate_mean
from common.strict import BadInputError

SAMPLES = st.lists(st.floats(-10, 10), min_size=2, max_size=10)


@given(SAMPLES, st.floats(-5, 5), st.floats(0.1, 5))
def test_one_sample_agrees_with_statsmodels(values: list[float], target: float, margin: float) -> None:
    assume(np.ptp(values) > 1e-3)
    found = equivalent_to_value(values, target, margin)
    expected = DescrStatsW(values).ttost_mean(target - margin, target + margin)[0]
    assert found.p_value == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(-10, 10)), min_size=2, max_size=8), st.floats(0.1, 5))
def test_pairs_agree_with_statsmodels(pairs: list[tuple[float, float]], margin: float) -> None:
    first, second = map(np.array, zip(*pairs, strict=True))
    assume(np.ptp(first - second) > 1e-3)
    found = equivalent_pairs(first, second, margin)
    assert found.p_value == pytest.approx(ttost_paired(first, second, -margin, margin)[0], rel=1e-6, abs=1e-9)


@given(SAMPLES, st.floats(0.1, 5))
def test_equivalent_exactly_when_the_interval_lies_inside(values: list[float], margin: float) -> None:
    assume(np.ptp(values) > 1e-3)
    found = equivalent_to_value(values, 0.0, margin)
    inside = -margin < found.low and found.high < margin
    near = min(abs(found.low + margin), abs(found.high - margin)) < 1e-9
    assert found.equivalent == inside or near


@given(SAMPLES, st.floats(0.1, 5), st.floats(0.01, 100))
def test_scaling_values_and_margin_changes_nothing(values: list[float], margin: float, scale: float) -> None:
    assume(np.ptp(values) > 1e-3)
    found = equivalent_to_value(values, 0.0, margin)
    scaled = equivalent_to_value([scale * value for value in values], 0.0, scale * margin)
    mirrored = equivalent_to_value([-value for value in values], 0.0, margin)
    assert scaled.p_value == pytest.approx(found.p_value, rel=1e-6, abs=1e-12)
    assert mirrored.p_value == pytest.approx(found.p_value, rel=1e-6, abs=1e-12)


def test_agreement_without_spread_is_not_equivalence() -> None:
    found = equivalent_to_value([1.0] * 10, 1.0, 0.5)
    assert not found.equivalent
    assert found.p_value == 1.0


def test_published_spread_adds_in_squares_and_costs_degrees_of_freedom() -> None:
    # 1, 2, 3: error 1/sqrt 3; published error 1/3 from 2 runs: sqrt(1/3 + 1/9) = 2/3, one degree.
    found = estimate_mean([1.0, 2.0, 3.0]).minus(1.5, standard_error=1 / 3, n=2)
    assert (found.mean, found.standard_error) == pytest.approx((0.5, 2 / 3))
    assert (found.degrees_of_freedom, found.n) == (1, 3)
    # One degree of freedom is Cauchy: P(T <= t) = 1/2 + arctan(t) / pi.
    assert found.p_below(0.0) == pytest.approx(0.5 + math.atan(0.75) / math.pi)


def test_an_exact_published_value_costs_nothing() -> None:
    own = estimate_mean([1.0, 2.0, 3.0])
    assert own.minus(0.0).interval() == own.interval()


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan")])
def test_a_margin_must_be_positive(margin: float) -> None:
    with pytest.raises(BadInputError, match="margin"):
        equivalent_to_value([1.0, 2.0], 0.0, margin)


def test_alpha_must_leave_an_interval() -> None:
    with pytest.raises(BadInputError, match="Twice alpha"):
        two_one_sided_tests(estimate_mean([1.0, 2.0]), 1.0, alpha=0.5)
