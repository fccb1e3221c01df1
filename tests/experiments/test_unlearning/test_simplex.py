"""Projection onto the capped simplex: values worked out by hand, a general solver, and its properties."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from common.strict import BadInputError
from experiments.unlearning.challenging_forgets.simplex import project


def tensor(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


@st.composite
def problems(draw: st.DrawFn) -> tuple[Tensor, int]:
    """A point, with ties and coordinates far apart, and a total."""
    values = st.one_of(st.floats(-2, 2), st.floats(-1e5, 1e5), st.sampled_from([0.0, 0.25, 1.0]))
    point = draw(st.lists(values, min_size=2, max_size=30))
    return tensor(*point), draw(st.integers(1, len(point) - 1))


def rounding(point: Tensor) -> float:
    """What float64 may lose: a few units in the last place of the largest coordinate, for each of them."""
    return 8 * len(point) * math.ulp(max(1.0, float(point.abs().max())))


@pytest.mark.parametrize(
    ("point", "total", "expected"),
    [
        ((0.9, 0.5, 0.1), 1, (0.7, 0.3, 0.0)),  # μ = (0.9 + 0.5 - 1) / 2 = 0.2; 0.1 - 0.2 < 0
        ((3.0, 0.5, 0.4), 2, (1.0, 0.55, 0.45)),  # the first is capped; μ = (0.5 + 0.4 - 1) / 2
        ((5.0, 5.0, 0.0, 0.0), 2, (1.0, 1.0, 0.0, 0.0)),  # no coordinate is free: μ anywhere in [0, 4]
        ((7.0, 7.0, 7.0, 7.0), 1, (0.25, 0.25, 0.25, 0.25)),
        ((0.2, 0.3, 0.5), 1, (0.2, 0.3, 0.5)),
        ((0.0, 0.0), 0.5, (0.25, 0.25)),
    ],
)
def test_values_worked_out_by_hand(
    point: tuple[float, ...], total: float, expected: tuple[float, ...]
) -> None:
    assert project(tensor(*point), total).tolist() == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("seed", range(6))
def test_a_general_solver_finds_no_nearer_point(seed: int) -> None:
    from scipy.optimize import LinearConstraint, minimize

    point, total = np.random.default_rng(seed).normal(0, 1, 6), 1 + seed % 4

    def distance(weights: np.ndarray) -> float:
        return float(((weights - point) ** 2).sum())

    solved = minimize(
        distance,
        np.full(6, total / 6),
        method="SLSQP",
        bounds=[(0, 1)] * 6,
        constraints=LinearConstraint(np.ones((1, 6)), total, total),
        tol=1e-14,
    )
    assert solved.success
    np.testing.assert_allclose(project(torch.from_numpy(point), total), solved.x, atol=1e-6)


@given(problems())
def test_the_conditions_of_optimality_hold(problem: tuple[Tensor, int]) -> None:
    """Sum and bounds; some μ is point - weight where that is free, not less at 0, and not more at 1."""
    point, total = problem
    weights, slack = project(point, total), rounding(point)
    assert weights.min() >= 0
    assert weights.max() <= 1
    exact = sum((Fraction(weight) for weight in weights.tolist()), Fraction(0))
    assert abs(float(exact - total)) <= slack
    at_least = (point - weights)[weights > 0]  # not at 0: μ is not above this, to rounding
    at_most = (point - weights)[weights < 1]
    if len(at_least) and len(at_most):
        assert at_most.max() <= at_least.min() + slack


@given(problems())
def test_projecting_again_changes_nothing(problem: tuple[Tensor, int]) -> None:
    point, total = problem
    once = project(point, total)
    torch.testing.assert_close(project(once, total), once, rtol=0, atol=rounding(point))


@given(problems())
def test_the_order_is_kept_and_ties_stay_ties(problem: tuple[Tensor, int]) -> None:
    point, total = problem
    order = torch.argsort(point, stable=True)
    ranked, weights = point[order], project(point, total)[order]
    assert (weights.diff() >= 0).all()
    assert (weights.diff()[ranked.diff() == 0] == 0).all()


@given(problems(), st.floats(-100, 100))
def test_a_shift_of_all_coordinates_changes_nothing(problem: tuple[Tensor, int], shift: float) -> None:
    point, total = problem
    slack = rounding(point) + rounding(point + shift)
    torch.testing.assert_close(project(point + shift, total), project(point, total), rtol=0, atol=slack)


def test_many_large_coordinates_still_sum_to_the_total() -> None:
    """Steps of 1e4 on losses of 10 leave points of 1e5, of whose bracket a fixed width would be too wide."""
    point = 1e5 * torch.randn(45000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert float(project(point, 4500).sum()) == pytest.approx(4500, abs=1e-9)
    small = 1e-9 * torch.rand(45000, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    weights = project(small, 4500)
    assert float(weights.sum()) == pytest.approx(4500, abs=1e-9)
    assert (weights[torch.argsort(small)].diff() >= 0).all()


@pytest.mark.parametrize("total", [0, -1, 3, 4, math.nan])
def test_a_total_that_no_weights_have_is_refused(total: float) -> None:
    with pytest.raises(BadInputError, match=r"choose more than 0 and fewer than 3 of them"):
        project(tensor(1, 2, 3), total)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_point_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(BadInputError, match=r"finite float64.*lower 'lower_step'"):
        project(tensor(1, value, 3), 1)


def test_single_precision_is_refused() -> None:
    with pytest.raises(BadInputError, match="float64"):
        project(torch.tensor([0.1, 0.2]), 1)
