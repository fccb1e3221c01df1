from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.claims.wording import conclude, decimals_for, show, show_exact, show_interval, show_ratio

ENDS = st.floats(-1e4, 1e4)


@pytest.mark.parametrize(
    ("interval", "shown"),
    [
        ((1.7049, 2.5021), "[1.7, 2.5]"),  # half width 0.40: one digit
        ((1.9, 2.14), "[1.90, 2.14]"),  # 0.12: two
        ((-12.0, 30.0), "[\N{MINUS SIGN}12, 30]"),  # 21: two
        ((0.0, 0.0), "[0.0, 0.0]"),
    ],
)
def test_digits_follow_the_width(interval: tuple[float, float], shown: str) -> None:
    assert show_interval(interval, decimals_for(interval)) == shown


def test_digits_are_added_until_the_printed_ends_agree_with_the_verdict() -> None:
    interval = (0.004, 0.804)
    assert show_interval(interval, decimals_for(interval)) == "[0.0, 0.8]"
    assert show_interval(interval, decimals_for(interval, [0.0])) == "[0.004, 0.804]"


@given(ENDS, ENDS, ENDS)
def test_a_reader_of_the_printed_interval_reaches_the_same_verdict(
    first: float, second: float, bound: float
) -> None:
    low, high, bound = round(min(first, second), 6), round(max(first, second), 6), round(bound, 3)
    decimals = decimals_for((low, high), [bound])
    assert (round(low, decimals) > bound) == (low > bound)
    assert (round(high, decimals) < bound) == (high < bound)


def test_numbers_have_a_true_minus_and_no_negative_zero() -> None:
    assert show(-0.04, 1) == "0.0"
    assert show(-1.25, 1) == "\N{MINUS SIGN}1.2"
    assert show_exact(-3.0) == "\N{MINUS SIGN}3"
    assert show_exact(0.1 + 0.2) == "0.3"


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (0.0, "0 % of"),
        (0.0303, "3 % of"),
        (0.00316, "0.32 % of"),
        (0.9994, "100 % of"),
        (1.5, "150 % of"),
        (5.66, "5.7 times"),
        (123.0, "120 times"),
    ],
)
def test_ratios_are_percentages_until_twice(ratio: float, shown: str) -> None:
    assert show_ratio(ratio) == shown


def test_not_run_comes_first_and_questions_keep_their_mark() -> None:
    assert conclude("A is below B", "holds", "quick") == "A is below B: holds at quick scale."
    assert conclude("no 'entt'. Did you mean 'ent'?", "not run", "full").endswith("'ent'?")
