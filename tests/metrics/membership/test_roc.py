from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score

from common.metrics.membership.roc import (
    area_under_curve,
    attack_accuracy,
    finest_rate,
    true_positive_rate,
)
from common.strict import BadInputError

SCORES = [3.0, 1.0, 0.0, -2.0, 2.0, -1.0]
TRUTH = [True, True, True, True, False, False]
# Scores in steps of a half, so that ties are common; at least one pair of either truth.
PAIRS = st.tuples(
    st.lists(st.integers(-6, 6), min_size=1, max_size=25),
    st.lists(st.integers(-6, 6), min_size=1, max_size=25),
)
METRICS: list[Callable[..., float]] = [
    attack_accuracy,
    area_under_curve,
    lambda scores, truth: true_positive_rate(scores, truth, 0.5),
]


def pooled(pairs: tuple[list[int], list[int]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.concatenate(pairs) / 2, np.repeat([True, False], [len(side) for side in pairs])


def test_by_hand() -> None:
    # Of the positives 3 and 1 are above 0 and 0 is half right: 2.5 of 4; of the negatives -1 is: 1 of 2.
    assert attack_accuracy(SCORES, TRUTH) == pytest.approx((62.5 + 50) / 2)
    # Pairs won: 3 beats both, 1 and 0 beat -1, -2 none: 4 of 8.
    assert area_under_curve(SCORES, TRUTH) == pytest.approx(50.0)
    # One false positive of two allows every score above -1.
    assert true_positive_rate(SCORES, TRUTH, 0.5) == pytest.approx(75.0)


@given(PAIRS)
def test_by_other_routes(pairs: tuple[list[int], list[int]]) -> None:
    scores, truth = pooled(pairs)
    positives, negatives = scores[truth], scores[~truth]
    wins = [(left > right) + (left == right) / 2 for left in positives for right in negatives]
    assert area_under_curve(scores, truth) == pytest.approx(100 * np.mean(wins))
    without_ties = scores + 0.25
    expected = 100 * balanced_accuracy_score(truth, without_ties > 0)
    assert attack_accuracy(without_ties, truth) == pytest.approx(expected)


@given(PAIRS, st.sampled_from([0.04, 0.1, 0.2, 0.5, 0.9]))
def test_true_positives_by_trying_every_threshold(pairs: tuple[list[int], list[int]], rate: float) -> None:
    scores, truth = pooled(pairs)
    if finest_rate(truth) > rate:
        with pytest.raises(BadInputError, match="resolve no false-positive rate"):
            true_positive_rate(scores, truth, rate)
        return
    allowed = [
        np.mean(scores[truth] >= threshold)
        for threshold in [*scores, np.inf]
        if np.mean(scores[~truth] >= threshold) <= rate
    ]
    assert true_positive_rate(scores, truth, rate) == pytest.approx(100 * max(allowed))


@given(PAIRS)
def test_swapping_the_labels_turns_the_curve_over(pairs: tuple[list[int], list[int]]) -> None:
    scores, truth = pooled(pairs)
    assert area_under_curve(scores, ~truth) == pytest.approx(100 - area_under_curve(scores, truth))
    assert attack_accuracy(scores, ~truth) == pytest.approx(100 - attack_accuracy(scores, truth))
    assert attack_accuracy(-scores, ~truth) == pytest.approx(attack_accuracy(scores, truth))


@given(st.integers(0, 1000))
def test_the_order_of_pairs_does_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores, truth = random.normal(size=40).round(1), np.arange(40) % 2 == 0
    order = random.permutation(40)
    for metric in METRICS:
        assert metric(scores[order], truth[order]) == pytest.approx(metric(scores, truth))


def test_more_negatives_change_no_balanced_accuracy() -> None:
    scores, truth = np.array(SCORES), np.array(TRUTH)
    more_scores, more_truth = np.append(scores, scores[~truth]), np.append(truth, truth[~truth])
    for metric in METRICS:
        assert metric(more_scores, more_truth) == pytest.approx(metric(scores, truth))


def test_scores_of_one_distribution_are_chance() -> None:
    random = np.random.default_rng(0)
    scores, truth = random.normal(size=40_000), np.arange(40_000) % 2 == 0
    assert attack_accuracy(scores, truth) == pytest.approx(50, abs=1)
    assert area_under_curve(scores, truth) == pytest.approx(50, abs=1)
    assert true_positive_rate(scores, truth, 0.01) == pytest.approx(1, abs=0.4)
    assert true_positive_rate(scores, truth, 0.001) == pytest.approx(0.1, abs=0.15)


def test_scores_apart_are_all_right() -> None:
    scores, truth = np.array([1.0, 2.0, -1.0, -2.0]), np.array([True, True, False, False])
    assert [metric(scores, truth) for metric in METRICS] == [100.0, 100.0, 100.0]


def test_a_rate_is_met_from_as_many_negatives_on_as_resolve_it() -> None:
    # One negative scores above all positives: at 1 % it is the one false positive that 100 allow.
    scores = np.concatenate([[5.0], np.full(99, -1.0), [1.0, 2.0]])
    truth = np.repeat([False, True], [100, 2])
    assert finest_rate(truth) == 0.01
    assert true_positive_rate(scores, truth, 0.01) == 100.0
    with pytest.raises(
        BadInputError, match=r"99 negatives resolve no false-positive rate of 0.01; .* 0.0101"
    ):
        true_positive_rate(scores[1:], truth[1:], 0.01)
    with pytest.raises(BadInputError, match=r"100 negatives resolve no .* 0.001"):
        true_positive_rate(scores, truth, 0.001)


def test_a_rate_in_percent_is_refused() -> None:
    with pytest.raises(BadInputError, match="false-positive rate is 1, but it must lie between 0 and 1"):
        true_positive_rate(SCORES, TRUTH, 1)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("scores", "truth", "sentence"),
    [
        ([1.0, math.nan], [True, False], r"The scores: 1 of 2 are not finite, the first nan at \(1,\)"),
        ([[1.0, 2.0]], [[True, False]], "1 dimension"),
        ([1.0, 2.0], [True], "2 scores can't be judged by a truth of shape"),
        ([1.0, 2.0], [True, True], "Of 2 scores 2 are of positives"),
        ([1.0, 2.0], [False, False], "Of 2 scores 0 are of positives"),
        ([], [], "Of 0 scores 0 are of positives"),
    ],
)
def test_what_can_not_be_judged_is_refused(
    metric: Callable[..., float], scores: list[float], truth: list[bool], sentence: str
) -> None:
    with pytest.raises(BadInputError, match=sentence):
        metric(scores, truth)
