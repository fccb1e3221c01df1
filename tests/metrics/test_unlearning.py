from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.metrics.unlearning import UnlearningScores, average_gap, tug_of_war, tug_of_war_membership
from common.strict import BadInputError

# Hundredths, as printed: a difference of 1e-323 is none after the division by four.
SCORES = st.builds(UnlearningScores, *[st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)] * 4)
NAMES = ["unlearning_accuracy", "membership_efficacy", "retain_accuracy", "test_accuracy"]
RETRAINED = UnlearningScores(5.24, 12.88, 100.00, 94.26)


@pytest.mark.parametrize(
    ("row", "published"),
    [
        ((0.63, 2.70, 99.88, 94.06), 3.78),
        ((7.61, 37.36, 99.67, 92.83), 7.15),
        ((4.19, 9.84, 97.74, 91.59), 2.26),
        ((2.85, 14.39, 99.62, 93.93), 1.15),
    ],
    ids=["FT", "RL", "l1-sparse", "SalUn"],
)
def test_gaps_as_published(row: tuple[float, ...], published: float) -> None:
    # Fan et al., SalUn (arXiv 2310.12508), Table 1; two decimals, each cell rounded on its own.
    assert average_gap(UnlearningScores(*row), RETRAINED) == pytest.approx(published, abs=0.01)


def test_tug_of_war_by_hand() -> None:
    scores = UnlearningScores(15.24, 32.88, 80.0, 84.26)
    assert tug_of_war(scores, RETRAINED) == pytest.approx(0.9 * 0.8 * 0.9)
    assert tug_of_war_membership(scores, RETRAINED) == pytest.approx(0.8 * 0.8 * 0.9)


def test_tug_of_war_from_forget_accuracies() -> None:
    # The factor as printed has the accuracies on the forget set, 84.76 and 94.76 here.
    scores = UnlearningScores(100 - 84.76, 0.0, 100.0, 94.26)
    assert tug_of_war(scores, RETRAINED) == pytest.approx(1 - abs(0.8476 - 0.9476))


@given(SCORES, SCORES)
def test_ranges_symmetry_and_another_route(first: UnlearningScores, second: UnlearningScores) -> None:
    gap = average_gap(first, second)
    assert gap == pytest.approx(float(np.abs(np.subtract(astuple(first), astuple(second))).mean()))
    assert 0 <= gap <= 100
    for measure in (average_gap, tug_of_war, tug_of_war_membership):
        assert measure(first, second) == measure(second, first)
    assert 0 <= tug_of_war(first, second) <= 1
    assert (gap == 0) == (first == second)


@given(SCORES)
def test_retraining_itself_is_perfect(scores: UnlearningScores) -> None:
    assert average_gap(scores, scores) == 0
    assert tug_of_war(scores, scores) == tug_of_war_membership(scores, scores) == 1


def test_each_measure_reads_its_own_scores() -> None:
    off = {name: replace(RETRAINED, **{name: getattr(RETRAINED, name) - 4}) for name in NAMES}
    assert [average_gap(off[name], RETRAINED) for name in NAMES] == pytest.approx([1.0] * 4)
    assert [tug_of_war(off[name], RETRAINED) for name in NAMES] == pytest.approx([0.96, 1, 0.96, 0.96])
    assert [tug_of_war_membership(off[name], RETRAINED) for name in NAMES] == pytest.approx(
        [1, 0.96, 0.96, 0.96]
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-0.1, 100.1, float("nan")])
def test_what_is_no_percentage_is_refused(name: str, value: float) -> None:
    with pytest.raises(BadInputError, match=f"{name} is {value}, but it is a percentage"):
        replace(RETRAINED, **{name: value})
