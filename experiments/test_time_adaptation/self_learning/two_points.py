"""Step `two_points`: when does self-training collapse? The paper's simulation of its theory (section 6).

Rusak et al. 2022: two points x_1 = (1, 0) of class + and x_2 = (0, -1) of class -, a linear logit, and
temperatures of student and teacher on a grid. Theory predicts the region in which the trivial solution
w = 0 is not reached; the simulation shows where it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel, validate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grid = NDArray[Any]

Point = tuple[float, float]
Points = tuple[Point, Point]

POINTS: Points = ((1.0, 0.0), (0.0, -1.0))  # of class + and of class -


class Settings(StrictModel):
    """The grid of temperatures, and how long each of its cells is trained."""

    temperatures: int = Field(ge=2)  # on a logarithmic grid, for student and for teacher
    lowest: float = Field(gt=0)
    highest: float = Field(gt=0)
    steps: int = Field(ge=1)
    stop_gradient: bool


class Variant(StrictModel):
    """One way to train: a condition of the step."""

    learning_rate: float = Field(gt=0)
    momentum: float = Field(ge=0, lt=1)
    start_1: float  # of both student and teacher
    start_2: float


class TwoPointFacts(StrictModel):
    """What makes two simulations comparable."""

    temperatures: int
    lowest: float
    highest: float
    steps: int
    collapsed_when: str = "every logit has lost half of its margin at some step"
    deterministic: bool = True


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each variant of the optimiser and the start, how often theory and simulation agree."""
    import numpy as np

    settings = job.settings
    axis = np.geomspace(settings.lowest, settings.highest, settings.temperatures)
    student, teacher = np.meshgrid(axis, axis, indexing="ij")
    growth = growth_rates(POINTS, student, teacher, settings.stop_gradient)
    predicted = (growth < 0).all(axis=0)
    decided = (growth != 0).all(axis=0)  # on the border, theory is silent
    facts = settings.model_dump(exclude={"stop_gradient"})
    for condition in job.conditions:
        variant = validate(Variant, condition, f"Condition {condition}")
        collapsed = simulate(student, teacher, settings.stop_gradient, variant, settings.steps)
        agreement = (collapsed == predicted)[decided].mean()
        safe = ~collapsed[decided & ~predicted]
        yield Result(
            condition,
            metrics={
                "border_agreement_percent": float(agreement * 100),
                "safe_region_kept_percent": float(safe.mean() * 100),
            },
            protocol=TwoPointFacts(**facts),
            curves={"collapsed": collapsed.astype(float).ravel().tolist(), "temperature": axis.tolist()},
        )


def growth_rates(points: Points, student: Grid, teacher: Grid, stop_gradient: bool) -> Grid:
    """Eigenvalues, `[2, temperatures, temperatures]`, of gradient flow linearised at w = 0 (section 6).

    Training collapses into w = 0 where both are negative. With the gradient stopped at the teacher they are
    lambda_+- / (8 tau_s) * (1 / tau_t - 1 / tau_s), without lambda_+- / (8 tau_s) * (2 / tau_t - 1 / tau_s):
    no collapse iff tau_s > tau_t, or tau_s > tau_t / 2.
    """
    import numpy as np

    spread = np.array(eigenvalue_spread(*points)).reshape(2, 1, 1)
    rates: Grid = spread / (8 * student) * ((1 if stop_gradient else 2) / teacher - 1 / student)
    return rates


def eigenvalue_spread(first: Point, second: Point) -> tuple[float, float]:
    """lambda_-, lambda_+ of two points: twice the eigenvalues of the sum of their outer products.

    lambda_+- = |x|^2 + |y|^2 +- sqrt(|x|^4 + |y|^4 - 2 |x|^2 |y|^2 + 4 (x.y)^2)
    """
    (x_1, x_2), (y_1, y_2) = first, second
    a, b, product = x_1**2 + x_2**2, y_1**2 + y_2**2, x_1 * y_1 + x_2 * y_2
    root = math.sqrt((a - b) ** 2 + 4 * product**2)
    return a + b - root, a + b + root


def simulate(student: Grid, teacher: Grid, stop_gradient: bool, variant: Variant, steps: int) -> Grid:
    """Train every cell of the grid at once; whether each has collapsed, `[temperatures, temperatures]`.

    The teacher is the student of the same step. Collapsed (the paper doesn't say how it decides): every
    logit has, at some step, lost half of its initial margin or more. The state at the end alone says
    little: after collapse, momentum lets w swing around zero, and at low temperatures far beyond.
    """
    import numpy as np

    points = np.array(POINTS)
    weights = np.broadcast_to(
        np.array([variant.start_1, variant.start_2]).reshape(2, 1, 1), (2, *student.shape)
    ).copy()
    velocity = np.zeros_like(weights)
    logits = np.einsum("kd,d...->k...", points, weights)
    labels, initial = np.sign(logits), np.abs(logits)
    least_margin = initial
    for _ in range(steps):
        slope = loss_slope(logits, student, teacher, stop_gradient)
        velocity = variant.momentum * velocity + np.einsum("k...,kd->d...", slope, points)
        weights -= variant.learning_rate * velocity
        logits = np.einsum("kd,d...->k...", points, weights)
        least_margin = np.minimum(least_margin, logits * labels)
    collapsed: Grid = (least_margin < initial / 2).all(axis=0)
    return collapsed


def loss_slope(logits: Grid, student: Grid, teacher: Grid, stop_gradient: bool) -> Grid:
    """dL/dz of L = -[s_t(z) log s_s(z) + s_t(-z) log s_s(-z)], s_tau(z) = 1 / (1 + exp(-z / tau)).

    Stopped at the teacher: (s_s - s_t) / tau_s. Without, the teacher's share -s_t'(z) z / tau_s is added.
    """
    from scipy.special import expit

    student_probability, teacher_probability = expit(logits / student), expit(logits / teacher)
    slope: Grid = (student_probability - teacher_probability) / student
    if not stop_gradient:
        steepness = teacher_probability * (1 - teacher_probability) / teacher
        slope = slope - steepness * logits / student
    return slope
