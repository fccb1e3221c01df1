from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from common.claims.effects import judge_effect
from common.claims.schema import Verdict
from tests.claims.builders import comparison, effect_claim, make_records

WORST = [0.2, 0.4, 0.6, 0.3, 0.5]
RANDOM = [13.0, 12.0, 14.0, 13.5, 13.5]
NAMES = {"minuend_name": "Worst-case UA", "subtrahend_name": "random UA"}
DETERMINISTIC = {"protocol": {"deterministic": True}}
ERRORS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=2, max_size=6)


def _judge(first: list[float], second: list[float], facts: dict[str, Any], **changes: Any) -> Verdict:
    records = make_records("ent", first, **facts) + make_records("bn_adapt", second, **facts)
    return judge_effect(effect_claim(comparison(**changes)), records, "quick")


def test_below_a_fifth_states_both_means_and_the_distance_to_the_fifth() -> None:
    # By hand: worst - 0.2 random is -2.4, -2.0, -2.2, -2.4, -2.2; mean -2.24, s² = 0.028,
    # error 0.0748331, t(4; .975) = 2.776445, half width 0.207770.
    verdict = _judge(WORST, RANDOM, {}, times=0.2, **NAMES)
    assert verdict.sentence == (
        "Worst-case UA is 0.40 points, which is 3 % of random UA (13.20 points), and 2.24 points "
        "below 20 % of it (95 % interval [2.03, 2.45], n = 5 seeds): holds at quick scale."
    )
    assert verdict.estimate is not None
    assert verdict.estimate.mean == pytest.approx(-2.24)
    assert verdict.estimate.low == pytest.approx(-2.24 - 0.207770, abs=1e-6)


@pytest.mark.parametrize(
    ("times", "word", "words"),
    [
        (
            2.0,
            "holds",
            "is 24.9 points, which is 5.7 times random UA (4.4 points), and 16.1 points above 2 times",
        ),
        (5.6, "inconclusive", "above 5.6 times it (95 % interval ["),
        (
            8.0,
            "fails",
            "10.3 points below 8 times it (95 % interval [9.7, 10.9], n = 5 seeds), where the claim",
        ),
    ],
)
def test_several_fold(times: float, word: str, words: str) -> None:
    # By hand, for 8: differences -10, -10.3, -9.8, -10.3, -11.1, mean -10.3, s² = 0.245, half width 0.6146.
    verdict = _judge(
        [24.4, 24.9, 25.4, 24.9, 24.9],
        [4.3, 4.4, 4.4, 4.4, 4.5],
        {},
        times=times,
        expected="positive",
        **NAMES,
    )
    assert verdict.word == word
    assert words in verdict.sentence


@given(ERRORS, st.floats(0.1, 10))
def test_a_multiple_is_the_one_sample_t_test_of_its_differences(
    pairs: list[tuple[float, float]], times: float
) -> None:
    first, second = map(list, zip(*pairs, strict=True))
    verdict = _judge(first, second, {}, times=times)
    if verdict.estimate is None:
        return
    differences = [a - times * b for a, b in pairs]
    low, high = ttest_1samp(differences, 0.0).confidence_interval(0.95)
    assert verdict.estimate.low == pytest.approx(low, abs=1e-6)
    assert verdict.estimate.high == pytest.approx(high, abs=1e-6)


@pytest.mark.parametrize(
    ("ours", "word", "words"),
    [
        (
            1.0,
            "holds",
            "which is 10 % of random UA (10 points), and exactly 1 points below 20 % of it (d",
        ),
        (
            2.0,
            "fails",
            "which is 20 % of random UA (10 points), and equals 20 % of it (deterministic)",
        ),
        (
            -1.0,
            "holds",
            "is \N{MINUS SIGN}1 points, beside random UA (10 points), and exactly 3 points below",
        ),
    ],
)
def test_deterministic_multiples(ours: float, word: str, words: str) -> None:
    verdict = _judge([ours], [10.0], DETERMINISTIC, times=0.2, **NAMES)
    assert verdict.word == word
    assert words in verdict.sentence


def test_small_means_are_not_printed_as_zero() -> None:
    verdict = _judge([0.01, 0.02, 0.03], [9.0, 21.0, 30.0], {}, times=0.5)
    assert "is 0.02 points, which is 0.1 % of bn_adapt's (20 points)" in verdict.sentence


def test_a_single_seed_has_no_interval() -> None:
    verdict = _judge([1.0], [10.0], {}, times=0.2)
    assert verdict.word == "inconclusive"
    assert "and 1 points below 20 % of it at a single seed, which has no interval" in verdict.sentence


def test_the_default_label_names_the_multiple() -> None:
    assert _judge(WORST, RANDOM, {}, times=0.2).parts[0].label == "ent against 20 % of bn_adapt"
    assert _judge(WORST, RANDOM, {}, times=2).parts[0].label == "ent against 2 times bn_adapt"
