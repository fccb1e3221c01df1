from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from common.metrics.membership.benchmarks import scores_point_by_point
from common.metrics.membership.likelihood_ratio import (
    Gaussians,
    ScoredPairs,
    fit_gaussians,
    leave_one_shadow_out,
    log_likelihood_ratio,
)
from common.metrics.membership.population import membership_efficacy
from common.metrics.membership.roc import area_under_curve, attack_accuracy
from common.strict import BadInputError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def shadows(
    seed: int, each: int, examples: int, effect: float, neither: int = 0, difficulty: float = 3.0
) -> tuple[Array, Mask, Mask]:
    """Margins of `each` unlearned, `each` out and `neither` shadows per example, in random order."""
    random = np.random.default_rng(seed)
    kinds = random.permuted(np.tile(np.repeat([1, 0, 2], [each, each, neither]), (examples, 1)), axis=1).T
    phi = random.normal(size=kinds.shape) + difficulty * random.normal(size=examples)
    return phi + effect * (kinds == 1), kinds == 1, kinds == 0


def test_gaussians_by_hand() -> None:
    phi = [[0.0, 10.0], [2.0, 13.0], [math.nan, 16.0]]
    found = fit_gaussians(phi, np.array([[True, True], [True, True], [False, True]]))
    # Squares about the means 1 and 13: 1 + 1 + 9 + 0 + 9 over (2 - 1) + (3 - 1) degrees of freedom.
    assert found.means.tolist() == [1.0, 13.0]
    assert found.deviation == pytest.approx(math.sqrt(20 / 3))


@given(st.integers(0, 100), st.floats(0.2, 5), st.floats(0.2, 5))
def test_the_ratio_is_that_of_scipys_densities(seed: int, first_spread: float, second_spread: float) -> None:
    phi, first, second = np.random.default_rng(seed).normal(0, 3, (3, 8))
    found = log_likelihood_ratio(phi, Gaussians(first, first_spread), Gaussians(second, second_spread))
    expected = stats.norm(first, first_spread).logpdf(phi) - stats.norm(second, second_spread).logpdf(phi)
    assert found == pytest.approx(expected, abs=1e-9)
    swapped = log_likelihood_ratio(phi, Gaussians(second, second_spread), Gaussians(first, first_spread))
    assert swapped.tolist() == (-found).tolist()


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(3, 5), st.integers(0, 3))
def test_leaving_one_out_agrees_with_plain_loops(seed: int, each: int, neither: int) -> None:
    phi, unlearned, out = shadows(seed, each, examples=4, effect=1.0, neither=neither)
    found = leave_one_shadow_out(phi, unlearned, out)
    expected = scores_point_by_point(phi, unlearned, out)
    places = list(zip(found.shadow.tolist(), found.example.tolist(), strict=True))
    assert dict(zip(places, found.scores, strict=True)) == pytest.approx(expected)
    assert len(places) == len(set(places)) == 4 * 2 * each
    assert found.unlearned.tolist() == [bool(unlearned[place]) for place in places]


def by_place(found: ScoredPairs) -> dict[tuple[int, int], float]:
    return dict(
        zip(zip(found.shadow.tolist(), found.example.tolist(), strict=True), found.scores, strict=True)
    )


@given(st.integers(0, 1000), st.permutations(range(5)), st.floats(-50, 50))
def test_examples_in_any_order_and_shifted_score_the_same(seed: int, order: list[int], shift: float) -> None:
    phi, unlearned, out = shadows(seed, each=3, examples=5, effect=1.0, neither=1)
    moved = leave_one_shadow_out(phi[:, order] + shift, unlearned[:, order], out[:, order])
    expected = by_place(leave_one_shadow_out(phi, unlearned, out))
    back = {(shadow, order[column]): score for (shadow, column), score in by_place(moved).items()}
    assert back == pytest.approx(expected, abs=1e-8)


@given(st.integers(0, 1000))
def test_swapping_the_hypotheses_negates_every_score(seed: int) -> None:
    phi, unlearned, out = shadows(seed, each=3, examples=5, effect=1.0)
    found, swapped = leave_one_shadow_out(phi, unlearned, out), leave_one_shadow_out(phi, out, unlearned)
    assert swapped.scores.tolist() == (-found.scores).tolist()
    assert swapped.unlearned.tolist() == (~found.unlearned).tolist()


def test_without_an_effect_the_attack_is_chance_exactly() -> None:
    # Over all orders of the shadows each margin is unlearned as often as out, and nothing else differs.
    phi = np.random.default_rng(0).exponential(size=(6, 2)) ** 2
    unlearned = np.repeat([[True, True], [False, False]], 3, axis=0)
    found = [
        leave_one_shadow_out(phi[list(order)], unlearned, ~unlearned)
        for order in itertools.permutations(range(6))
    ]
    scores = np.concatenate([each.scores for each in found]).round(9)
    truth = np.concatenate([each.unlearned for each in found])
    assert attack_accuracy(scores, truth) == pytest.approx(50.0, abs=1e-9)
    assert area_under_curve(scores, truth) == pytest.approx(50.0, abs=1e-9)


@pytest.mark.parametrize("each", [4, 8])
def test_without_an_effect_many_examples_are_near_chance(each: int) -> None:
    found = leave_one_shadow_out(*shadows(1, each, examples=4000, effect=0.0))
    # With the attacked shadow alone left out, four a side gave 48.3 and 47.4.
    assert attack_accuracy(found.scores, found.unlearned) == pytest.approx(50.0, abs=0.8)
    assert area_under_curve(found.scores, found.unlearned) == pytest.approx(50.0, abs=0.8)


def test_with_many_shadows_it_reaches_the_best_possible_accuracy() -> None:
    # Known Gaussians two deviations apart: the best threshold lies halfway, Phi(1) = 84.13 % right.
    found = leave_one_shadow_out(*shadows(2, each=60, examples=300, effect=2.0))
    assert attack_accuracy(found.scores, found.unlearned) == pytest.approx(100 * stats.norm.cdf(1), abs=1.0)
    assert area_under_curve(found.scores, found.unlearned) == pytest.approx(
        100 * stats.norm.cdf(2**0.5), abs=1.0
    )


@pytest.mark.parametrize("effect", [1.5, -1.5])
def test_it_beats_the_population_attack_where_examples_differ_in_difficulty(effect: float) -> None:
    phi, unlearned, out = shadows(3, each=10, examples=600, effect=effect, difficulty=4.0)
    found = leave_one_shadow_out(phi, unlearned, out)
    per_example = attack_accuracy(found.scores, found.unlearned)
    # The population attack is fitted on half of one network's examples and asked about the other half.
    seen, unseen = 1 / (1 + np.exp(-phi[0, unlearned[0]])), 1 / (1 + np.exp(-phi[0, out[0]]))
    asked = [
        membership_efficacy(seen[::2], unseen[::2], half[1::2], np.random.default_rng(0), per_class=120)
        for half in (seen, unseen)
    ]
    population = (100 - asked[0] + asked[1]) / 2
    assert per_example > 70
    assert per_example > population + 10


def test_examples_with_too_few_shadows_are_dropped_and_the_rest_scored_as_alone() -> None:
    phi, unlearned, out = shadows(4, each=3, examples=4, effect=1.0)
    few = unlearned.copy()
    few[np.flatnonzero(unlearned[:, 2])[0], 2] = False
    found = leave_one_shadow_out(phi, few, out)
    kept = [0, 1, 3]
    alone = leave_one_shadow_out(phi[:, kept], unlearned[:, kept], out[:, kept])
    assert set(found.example.tolist()) == set(kept)
    assert found.scores.tolist() == alone.scores.tolist()


def test_margins_of_neither_kind_are_not_read() -> None:
    phi, unlearned, out = shadows(5, each=3, examples=4, effect=1.0, neither=2)
    expected = leave_one_shadow_out(phi, unlearned, out).scores.tolist()
    for absent in (math.nan, math.inf):
        unread = np.where(unlearned | out, phi, absent)
        assert leave_one_shadow_out(unread, unlearned, out).scores.tolist() == expected


def test_bad_hypotheses_are_refused() -> None:
    both = np.ones((3, 2), dtype=bool)
    for phi, holds, sentence in (
        (np.zeros(3), both, r"the shape \(3,\)"),
        (np.zeros((2, 2)), both, "booleans of the same shape"),
        (np.zeros((3, 2)), both.astype(float), "float64 of shape"),
        (np.zeros((3, 0)), np.ones((3, 0), dtype=bool), "The margins are of no examples"),
        (np.arange(2.0).reshape(1, 2), both[:1], "2 of 2 examples have fewer than 2 shadows"),
        (np.full((3, 2), math.nan), both, "6 of 6 are not finite"),
        (np.tile([1.0, 2.0], (3, 1)), both, "were they trained alike"),
    ):
        with pytest.raises(BadInputError, match=sentence):
            fit_gaussians(phi, holds)


def test_margins_of_other_examples_are_refused() -> None:
    two = Gaussians(np.zeros(2), 1.0)
    with pytest.raises(BadInputError, match="3 margins can't be scored by Gaussians of 2 and 2 examples"):
        log_likelihood_ratio([0.0, 1.0, 2.0], two, two)
    with pytest.raises(BadInputError, match="network attacked: 1 of 2 are not finite"):
        log_likelihood_ratio([0.0, math.inf], two, two)


def test_bad_shadows_are_refused() -> None:
    phi, unlearned, out = shadows(6, each=3, examples=4, effect=1.0)
    broken = np.where(out, math.nan, phi)
    alike = np.tile([[1.0, 2.0, 3.0, 4.0]], (6, 1))
    for margins, first, second, sentence in (
        (phi, unlearned, unlearned, r"Shadow and example \(\d, \d\) are both unlearned and out"),
        (phi, unlearned[:2], out, "mask of unlearned is bool of shape"),
        (phi, unlearned, out.astype(int), "mask of out is int64"),
        (broken, unlearned, out, "The margins of out: 12 of 12 are not finite"),
        (phi[:, :1], unlearned[:, :1], out[:, :1], "3 unlearned and 3 out .* train more shadows"),
        (phi[:4], unlearned[:4], out[:4], "0 unlearned and 0 out .* at least 3 shadows on either side"),
        (alike, unlearned, out, "were they trained alike"),
    ):
        with pytest.raises(BadInputError, match=sentence):
            leave_one_shadow_out(margins, first, second)
