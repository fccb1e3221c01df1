"""The two-point theory: gradients, eigenvalues, and the simulation against values worked out elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.test_time_adaptation.self_learning import two_points
from experiments.test_time_adaptation.self_learning.two_points import (
    POINTS,
    Variant,
    eigenvalue_spread,
    growth_rates,
    loss_slope,
    simulate,
)

PUBLISHED = Variant(learning_rate=0.1, momentum=0.9, start_1=0.5, start_2=0.5)
temperatures = st.floats(0.1, 10)


def written_loss(student_logit: float, teacher_logit: float, student: float, teacher: float) -> float:
    """-[s_t(z_t) log s_s(z_s) + s_t(-z_t) log s_s(-z_s)], as the paper prints it."""

    def sigmoid(z: float, temperature: float) -> float:
        return 1 / (1 + math.exp(-z / temperature))

    return -(
        sigmoid(teacher_logit, teacher) * math.log(sigmoid(student_logit, student))
        + sigmoid(-teacher_logit, teacher) * math.log(sigmoid(-student_logit, student))
    )


@settings(max_examples=50)
@given(z=st.floats(-1, 1), student=temperatures, teacher=temperatures, stop_gradient=st.booleans())
def test_the_slope_agrees_with_finite_differences(
    z: float, student: float, teacher: float, stop_gradient: bool
) -> None:
    step = 1e-5

    def loss(logit: float) -> float:
        return written_loss(logit, z if stop_gradient else logit, student, teacher)

    expected = (loss(z + step) - loss(z - step)) / (2 * step)
    slope = float(loss_slope(np.array(z), np.array(student), np.array(teacher), stop_gradient))
    assert slope == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("stop_gradient", [True, False])
def test_the_slope_agrees_with_autograd(stop_gradient: bool) -> None:
    generator = np.random.default_rng(0)
    z, student, teacher = generator.normal(size=60), *generator.uniform(0.05, 5, (2, 60))
    logit = torch.tensor(z, requires_grad=True)
    taught = logit.detach() if stop_gradient else logit
    probability = torch.sigmoid(taught / torch.tensor(teacher))
    log_sigmoid = torch.nn.functional.logsigmoid
    scaled = logit / torch.tensor(student)
    (-probability * log_sigmoid(scaled) - (1 - probability) * log_sigmoid(-scaled)).sum().backward()
    assert logit.grad is not None
    np.testing.assert_allclose(
        loss_slope(z, student, teacher, stop_gradient), logit.grad.numpy(), rtol=1e-9, atol=1e-12
    )


points = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


@given(first=points, second=points)
def test_the_spread_is_twice_the_eigenvalues_of_the_outer_products(
    first: tuple[float, float], second: tuple[float, float]
) -> None:
    matrix = np.outer(first, first) + np.outer(second, second)
    expected = 2 * np.linalg.eigvalsh(matrix)
    np.testing.assert_allclose(eigenvalue_spread(first, second), expected, atol=1e-7)


@settings(max_examples=50)
@given(first=points, second=points, student=temperatures, teacher=temperatures, stop_gradient=st.booleans())
def test_growth_rates_are_the_eigenvalues_of_the_dynamics_at_zero(
    first: tuple[float, float],
    second: tuple[float, float],
    student: float,
    teacher: float,
    stop_gradient: bool,
) -> None:
    """The Jacobian of -dL/dw at w = 0, by finite differences, whose eigenvalues a library computes."""
    both = np.array([first, second])
    assume(np.abs(both).max() > 0.1)

    def flow(w: np.ndarray) -> np.ndarray:
        slopes = loss_slope(both @ w, np.array(student), np.array(teacher), stop_gradient)
        return -np.asarray(slopes @ both)

    step = 1e-5
    jacobian = np.stack([(flow(step * e) - flow(-step * e)) / (2 * step) for e in np.eye(2)])
    rates = growth_rates((first, second), np.array([[student]]), np.array([[teacher]]), stop_gradient)
    scale = np.abs(jacobian).max() + 1e-2  # below it, the error of the differences
    np.testing.assert_allclose(
        np.sort(rates.ravel()), np.linalg.eigvalsh((jacobian + jacobian.T) / 2), atol=1e-4 * scale
    )


@given(student=temperatures, teacher=temperatures)
def test_the_border_lies_where_the_proposition_says(student: float, teacher: float) -> None:
    assume(abs(student / teacher - 1) > 1e-9)
    assume(abs(2 * student / teacher - 1) > 1e-9)
    grids = np.array([[student]]), np.array([[teacher]])
    assert (growth_rates(POINTS, *grids, True) > 0).all() == (student > teacher)
    assert (growth_rates(POINTS, *grids, False) > 0).all() == (student > teacher / 2)


def test_on_the_border_nothing_is_predicted() -> None:
    axis = np.geomspace(0.01, 10, 100)
    assert (growth_rates(POINTS, axis, axis, True) == 0).all()
    assert (growth_rates(POINTS, axis, 2 * axis, False) == 0).all()


def grid() -> tuple[np.ndarray, np.ndarray]:
    axis = np.geomspace(0.1, 10, 41)
    student, teacher = np.meshgrid(axis, axis, indexing="ij")
    return student, teacher


def test_a_single_cell_collapses_at_the_step_that_plain_python_finds() -> None:
    """Momentum as torch and the paper have it: v <- m v + g, w <- w - r v."""
    student, teacher, variant = 0.3, 1.2, Variant(learning_rate=0.02, momentum=0.5, start_1=0.6, start_2=0.3)
    w, v, lost = [0.6, 0.3], [0.0, 0.0], [False, False]  # z_1 = w_1, z_2 = -w_2: the slope is odd in both
    collapsed = []
    for _ in range(30):
        collapsed.append(all(lost))
        for k in range(2):
            slope = (1 / (1 + math.exp(-w[k] / student)) - 1 / (1 + math.exp(-w[k] / teacher))) / student
            v[k] = 0.5 * v[k] + slope
            w[k] -= 0.02 * v[k]
            lost[k] = lost[k] or w[k] < (0.3, 0.15)[k]
    cells = np.array([[student]]), np.array([[teacher]])
    assert [bool(simulate(*cells, True, variant, steps)) for steps in range(30)] == collapsed
    assert 3 < collapsed.index(True) < 29


def result_of(stop_gradient: bool) -> Result:
    settings = two_points.Settings(
        temperatures=41, lowest=0.1, highest=10, steps=2000, stop_gradient=stop_gradient
    )
    names = {"track": "t", "paper": "p", "scale": "quick", "step": "s", "method": "m", "seed": 0}
    job = Job(**names, settings=settings, conditions=[PUBLISHED.model_dump()], root=None)  # type: ignore[arg-type]
    (result,) = two_points.run(job)
    return result


@pytest.mark.parametrize(("stop_gradient", "least", "most"), [(True, 99.9, 100.0), (False, 98.25, 98.35)])
def test_theory_and_simulation_agree_as_recomputed_elsewhere(
    stop_gradient: bool, least: float, most: float
) -> None:
    """41 x 41 temperatures in [0.1, 10], 2,000 steps: 100 % with the gradient stopped, 98.3 % without."""
    metrics = result_of(stop_gradient).metrics
    assert least <= metrics["border_agreement_percent"] <= most
    assert metrics["safe_region_kept_percent"] == 100.0


def test_the_safe_region_is_kept_whatever_the_optimiser_and_the_start() -> None:
    student, teacher = grid()
    for stop_gradient in (True, False):
        safe = (growth_rates(POINTS, student, teacher, stop_gradient) > 0).all(axis=0)
        for changes in ({"learning_rate": 1.0}, {"momentum": 0.0}, {"start_1": 0.6, "start_2": 0.3}):
            collapsed = simulate(student, teacher, stop_gradient, PUBLISHED.model_copy(update=changes), 300)
            assert not collapsed[safe].any(), changes


def test_the_curves_hold_the_grid_in_the_order_of_its_temperatures() -> None:
    curves = result_of(True).curves
    assert curves is not None
    collapsed = np.array(curves["collapsed"]).reshape(41, 41)
    student, teacher = grid()
    assert curves["temperature"] == grid()[0][:, 0].tolist()
    assert collapsed[0, -1] == 1  # tau_s = 0.1, tau_t = 10
    assert collapsed[-1, 0] == 0
    assert (collapsed[student < teacher / 1.5] == 1).mean() > 0.99


def test_a_condition_that_lacks_a_value_is_named() -> None:
    settings = two_points.Settings(temperatures=2, lowest=1, highest=2, steps=1, stop_gradient=True)
    names = {"track": "t", "paper": "p", "scale": "quick", "step": "s", "method": "m", "seed": 0}
    conditions = [{**PUBLISHED.model_dump(exclude={"start_1"}), "strat_1": 0.5}]
    job = Job(**names, settings=settings, conditions=conditions, root=None)  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match=r"unknown key 'strat_1'\. Did you mean 'start_1'"):
        list(two_points.run(job))
