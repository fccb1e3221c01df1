from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from common.stats.paired import Alternative, PairedTest, paired_t_test, sign_flip_test, wilcoxon_test
from common.strict import BadInputError

FIRST = [8.0, 8.2, 7.9, 8.4, 8.1]
SECOND = [10.1, 10.4, 9.9, 10.6, 10.3]
TESTS = [paired_t_test, wilcoxon_test, sign_flip_test]
PAIRS = st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2, max_size=7)


@given(PAIRS, st.sampled_from(["two-sided", "less", "greater"]))
def test_t_agrees_with_scipy(pairs: list[tuple[float, float]], alternative: Alternative) -> None:
    first, second = map(list, zip(*pairs, strict=True))
    assume(np.ptp(np.subtract(first, second)) > 1e-3)
    found = paired_t_test(first, second, alternative)
    expected = stats.ttest_rel(first, second, alternative=alternative)
    assert found.p_value == pytest.approx(float(expected.pvalue), rel=1e-6, abs=1e-12)


def test_t_by_hand() -> None:
    # Differences 1, 2, 3: t = 2 / (1 / sqrt 3) = 2 sqrt 3, two degrees of freedom, where
    # P(|T| > t) = 1 - t / sqrt(2 + t²) = 1 - sqrt(12 / 14).
    found = paired_t_test([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    assert found.p_value == pytest.approx(1 - (12 / 14) ** 0.5)


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_sign_flips_by_enumeration(alternative: Alternative) -> None:
    differences = np.array([1.0, -2.0, 4.0, 3.0, 0.5])
    flips = np.array(list(itertools.product([1, -1], repeat=5)))
    means = flips @ differences / 5
    above, below = (means >= differences.mean() - 1e-9).mean(), (means <= differences.mean() + 1e-9).mean()
    expected = {"greater": above, "less": below, "two-sided": min(1.0, 2 * min(above, below))}
    found = sign_flip_test(differences, np.zeros(5), alternative)
    assert found.p_value == pytest.approx(expected[alternative])


def test_five_agreeing_pairs_give_the_smallest_exact_p_value() -> None:
    assert sign_flip_test(FIRST, SECOND).p_value == pytest.approx(2 / 32)
    assert wilcoxon_test(FIRST, SECOND).p_value == pytest.approx(2 / 32)


@given(PAIRS, st.permutations(range(7)))
def test_swapping_sides_and_shuffling_pairs_changes_nothing(
    pairs: list[tuple[float, float]], order: list[int]
) -> None:
    first, second = map(list, zip(*pairs, strict=True))
    places = [place for place in order if place < len(first)]
    for test in (paired_t_test, sign_flip_test):
        p_value = test(first, second).p_value
        assert test(second, first).p_value == pytest.approx(p_value)
        shuffled = test([first[place] for place in places], [second[place] for place in places])
        assert shuffled.p_value == pytest.approx(p_value, rel=1e-6)
        assert 0.0 <= p_value <= 1.0


@pytest.mark.parametrize("test", TESTS)
def test_equal_pairs_are_no_evidence(test: Callable[..., PairedTest]) -> None:
    found = test([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert found.p_value == 1.0
    assert found.without_spread
    assert found.difference == 0.0


@pytest.mark.parametrize("test", TESTS)
def test_a_constant_difference_is_never_certain(test: Callable[..., PairedTest]) -> None:
    # 0.1 steps: the differences agree but for rounding.
    first = [0.1 * step for step in range(5)]
    found = test([value + 0.7 for value in first], first)
    assert found.without_spread
    assert found.p_value >= 2 / 32
    assert found.difference == pytest.approx(0.7)


@pytest.mark.parametrize("test", TESTS)
def test_bad_pairs_are_refused(test: Callable[..., PairedTest]) -> None:
    for first, second, sentence in (
        ([1.0, 2.0], [1.0, 2.0, 3.0], "can't be paired"),
        ([1.0], [2.0], "at least 2"),
        ([1.0, float("nan")], [1.0, 2.0], "nan"),
    ):
        with pytest.raises(BadInputError, match=sentence):
            test(first, second)


def test_too_many_pairs_to_flip_are_refused() -> None:
    with pytest.raises(BadInputError, match="use paired_t_test"):
        sign_flip_test(list(range(17)), [0.5] * 17)
