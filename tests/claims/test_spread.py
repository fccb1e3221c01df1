from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from common.claims.effects import judge_effect
from common.claims.quantities import SeedValues
from common.claims.schema import Verdict
from common.claims.spread import distances_from_median
from tests.claims.builders import comparison, effect_claim, make_records

# Distances from the median, 5: 0, 0.3, 0.3, 0.35, 0.35.
RANDOM = [5.0, 5.3, 4.7, 5.35, 4.65]
NAMES = {"minuend_name": "worst-case UA", "subtrahend_name": "random UA"}
DETERMINISTIC = {"protocol": {"deterministic": True}}


def _judge(first: list[float], second: list[float], **changes: Any) -> Verdict:
    records = make_records("ent", first) + make_records("bn_adapt", second)
    return judge_effect(effect_claim(comparison(of="spread", **changes)), records, "quick")


def test_a_constant_side_leaves_the_interval_of_the_other() -> None:
    # By hand: mean 0.26, s² = 0.02175, error 0.0659545, t(4; .975) = 2.776445, half width 0.183119.
    verdict = _judge([0.0] * 5, RANDOM, **NAMES)
    assert verdict.sentence == (
        "The spread over seeds (mean distance from the median) of worst-case UA is 0.26 points below that of "
        "random UA (95 % interval [0.08, 0.44], n = 5 seeds): holds at quick scale."
    )
    assert verdict.estimate is not None
    assert verdict.estimate.low == pytest.approx(-0.26 - 0.183119, abs=1e-6)
    assert _judge([0.0] * 5, RANDOM, expected="positive").word == "fails"


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=5, max_size=8))
def test_it_is_the_paired_t_test_of_the_distances(pairs: list[tuple[float, float]]) -> None:
    first, second = map(list, zip(*pairs, strict=True))
    verdict = _judge(first, second)
    if verdict.estimate is None:
        return
    here, there = (np.abs(np.asarray(side) - np.median(side)) for side in (first, second))
    low, high = ttest_rel(here, there).confidence_interval(0.95)
    assert verdict.estimate.low == pytest.approx(low, abs=1e-6)
    assert verdict.estimate.high == pytest.approx(high, abs=1e-6)


@given(st.lists(st.floats(0, 100), min_size=5, max_size=7), st.floats(-50, 50))
def test_where_the_values_lie_does_not_matter(values: list[float], shift: float) -> None:
    here = distances_from_median(SeedValues(dict(enumerate(values)), False, 100.0))
    there = distances_from_median(SeedValues({k: v + shift for k, v in enumerate(values)}, False, 150.0))
    assert there.values == pytest.approx(here.values, abs=1e-9)


def test_the_median_is_taken_over_all_seeds_of_a_side() -> None:
    # Seeds 5 and 6 have no partner, but still say where the middle of their side lies: 3, not 2.
    verdict = _judge([1.0, 1.5, 2.0, 3.0, 3.5, 9.0, 9.0], RANDOM, expected="positive")
    assert verdict.estimate is not None
    assert verdict.estimate.mean == pytest.approx((2 + 1.5 + 1 + 0 + 0.5) / 5 - 0.26)
    assert "seeds 5, 6 left out" in verdict.sentence


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_seeds_say_nothing_about_a_spread(n: int) -> None:
    verdict = _judge(RANDOM[:n], RANDOM)
    assert verdict.word == "inconclusive"
    assert verdict.estimate is None
    assert f"is judged from 5 of them on, but only {n} can be used (seed" in verdict.sentence


@pytest.mark.parametrize(
    "first", [RANDOM, [0.1 * k for k in (3, 3, 3, 3, 3)], [value + 40.1 for value in RANDOM]]
)
def test_spreads_that_differ_by_rounding_alone_are_inconclusive(first: list[float]) -> None:
    second = RANDOM if first[0] > 1 else [0.3, 0.1 + 0.2, 0.3, 0.3, 0.3]
    verdict = _judge(first, second)
    assert verdict.word == "inconclusive"
    assert "equals that of bn_adapt's at each of 5 seeds, and random values that" in verdict.sentence


def test_a_multiple_of_a_spread() -> None:
    verdict = _judge([0.0] * 5, RANDOM, times=0.5, **NAMES)
    assert (
        "is 0.00 points, which is 0 % of that of random UA (0.26 points), and 0.13 points below 50 % of it"
        in (verdict.sentence)
    )


def test_deterministic_quantities_have_no_spread() -> None:
    records = make_records("ent", [8.0], **DETERMINISTIC) + make_records("bn_adapt", RANDOM)
    assert judge_effect(effect_claim(comparison(of="spread")), records, "quick").word == "holds"
    records = make_records("ent", [8.0], **DETERMINISTIC) + make_records("bn_adapt", [9.0], **DETERMINISTIC)
    verdict = judge_effect(effect_claim(comparison(of="spread")), records, "quick")
    assert verdict.word == "fails"
    assert "equals that of bn_adapt's (deterministic)" in verdict.sentence
