from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy.optimize import LinearConstraint, minimize

from common.metrics.membership.arrays import Values
from common.metrics.membership.population import membership_efficacy
from common.strict import BadInputError

SURE = np.linspace(0.9, 1.0, 40)
UNSURE = np.linspace(0.0, 0.3, 40)


def efficacy(
    members: ArrayLike = SURE,
    non_members: ArrayLike = UNSURE,
    forget_set: ArrayLike = SURE,
    per_class: int = 20,
) -> float:
    return membership_efficacy(members, non_members, forget_set, np.random.default_rng(0), per_class)


def test_confidences_far_apart_are_told_apart() -> None:
    assert efficacy(forget_set=SURE) == 0.0
    assert efficacy(forget_set=UNSURE) == 100.0
    assert efficacy(forget_set=np.concatenate([SURE[:30], UNSURE[:10]])) == 25.0


def test_two_points_by_hand() -> None:
    # Members all at 1, non-members all at 0: the decision is antisymmetric about 1/2.
    assert efficacy(np.ones(9), np.zeros(9), [0.0, 0.49, 0.51, 0.8, 1.0], per_class=9) == 40.0


def test_the_decision_found_by_another_solver() -> None:
    random = np.random.default_rng(3)
    features = np.concatenate([random.beta(6, 2, 15), random.beta(2, 2, 15)])
    signs = np.repeat([1.0, -1.0], 15)
    asked = np.linspace(0, 1, 201)
    decision = dual_decision(features, signs, asked)
    clear = np.abs(decision) > 0.02
    expected = 100 * np.mean(decision[clear] < 0)
    assert 0 < expected < 100
    assert efficacy(features[:15], features[15:], asked[clear], per_class=15) == pytest.approx(expected)


def dual_decision(features: Values, signs: Values, asked: Values) -> Values:
    """The support vector classifier's decision values, from its dual at C = 3."""
    kernel = np.exp(-((features[:, None] - features) ** 2))
    quadratic = kernel * np.outer(signs, signs)

    def loss(weights: Values) -> tuple[float, Values]:
        return float(weights @ quadratic @ weights / 2 - weights.sum()), quadratic @ weights - 1

    balanced = LinearConstraint(signs, 0, 0)
    start = np.ones(len(signs))
    found = minimize(
        loss, start, jac=True, method="SLSQP", bounds=[(0, 3)] * len(signs), constraints=balanced, tol=1e-13
    )
    assert found.success
    weights = found.x * signs
    free = (found.x > 0.01) & (found.x < 2.99)
    offset = np.mean(signs[free] - kernel[free] @ weights)
    decision: Values = np.exp(-((asked[:, None] - features) ** 2)) @ weights + offset
    return decision


@settings(max_examples=20)
@given(st.permutations(range(60)))
def test_the_order_of_the_forget_set_does_not_matter(order: list[int]) -> None:
    asked = np.random.default_rng(1).random(60).round(1)
    assert efficacy(forget_set=asked[order]) == efficacy(forget_set=asked)


def test_members_are_drawn_from_all_of_them() -> None:
    # The first 20 lie on the other side of the non-members than the rest: they alone would give 100.
    members = np.concatenate([np.linspace(0.0, 0.2, 20), np.linspace(0.8, 1.0, 400)])
    assert efficacy(members[:20], np.linspace(0.4, 0.6, 40), [0.9]) == 100.0
    assert efficacy(members, np.linspace(0.4, 0.6, 40), [0.9]) == 0.0


def test_the_same_generator_gives_the_same_number() -> None:
    random = np.random.default_rng(5)
    members, non_members, asked = random.beta(5, 2, 300), random.beta(4, 2, 300), random.beta(4, 2, 300)
    assert efficacy(members, non_members, asked) == efficacy(members, non_members, asked)
    assert 0 < efficacy(members, non_members, asked) < 100


def test_no_difference_between_members_and_others_is_chance() -> None:
    random = np.random.default_rng(2)
    found = []
    for _ in range(20):
        members, non_members, held_in, held_out = random.beta(4, 1, (4, 200))
        caught = membership_efficacy(members, non_members, held_out, random, 200)
        missed = membership_efficacy(members, non_members, held_in, random, 200)
        found.append((caught + 100 - missed) / 2)
    # Each accuracy has a standard error of 2.5 points over its 400 examples.
    assert np.mean(found) == pytest.approx(50, abs=3 * 2.5 / 20**0.5)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"per_class": 4}, "per_class is 4, but the attack is fitted on at least 5"),
        ({"members": SURE[:19]}, "19 confidences of the members can't give per_class = 20; lower per_class"),
        ({"non_members": UNSURE[:3]}, "3 confidences of the non-members"),
        ({"forget_set": []}, "forget set is empty"),
        ({"members": [*SURE, math.nan]}, r"the members: 1 of 41 are not finite, the first nan at \(40,\)"),
        ({"non_members": [*UNSURE, math.inf]}, "the non-members: 1 of 41"),
        ({"forget_set": [0.5, math.nan]}, "the forget set: 1 of 2"),
        ({"forget_set": [1.2]}, "the forget set lie outside"),
        ({"members": SURE - 1}, "the members lie outside"),
        ({"forget_set": [[0.5]]}, r"1 dimension\(s\), not the shape \(1, 1\)"),
        ({"members": np.full(20, 0.1), "non_members": np.full(20, 0.1)}, "all 0.1, so rounding would decide"),
    ],
)
def test_what_is_no_attack_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        efficacy(**changed)
