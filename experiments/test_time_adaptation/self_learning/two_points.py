"""Step `two_points`: when does self-training collapse? The paper's simulation of its theory (section 6).

Rusak et al. 2022: two points x_1 = (1, 0) of class + and x_2 = (0, -1) of class -, a linear logit, and
temperatures of student and teacher on a grid. Theory predicts the region in which the trivial solution
w = 0 is not reached; the simulation shows where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grid = NDArray[Any]


class Settings(StrictModel):
    """The grid of temperatures, and how long each of its cells is trained."""

    temperatures: int = Field(ge=2)  # on a logarithmic grid, for student and for teacher
    lowest: float = Field(gt=0)
    highest: float = Field(gt=0)
    steps: int = Field(ge=1)
    stop_gradient: bool


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
    predicted = predicted_collapse(student, teacher, settings.stop_gradient)
    decided = student != (
        teacher if settings.stop_gradient else teacher / 2
    )  # on the border, theory is silent
    facts = settings.model_dump(exclude={"stop_gradient"})
    for condition in job.conditions:
        start = (float(condition["start_1"]), float(condition["start_2"]))
        rate, momentum = float(condition["learning_rate"]), float(condition["momentum"])
        collapsed = simulate(student, teacher, settings.stop_gradient, start, rate, momentum, settings.steps)
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


def predicted_collapse(student: Grid, teacher: Grid, stop_gradient: bool) -> Grid:
    """Where theory says that training collapses, for temperatures tau_s and tau_t (proposition of section 6).

    With the gradient stopped at the teacher, there is no collapse iff tau_s > tau_t; without, iff
    tau_s > tau_t / 2.
    """
    return student <= (teacher if stop_gradient else teacher / 2)


def eigenvalue_spread(first: Grid, second: Grid) -> tuple[float, float]:
    """lambda_-, lambda_+ of the linearised dynamics for the two points, each a vector `[2]`.

    lambda_+- = |x|^2 + |y|^2 +- sqrt(|x|^4 + |y|^4 - 2 |x|^2 |y|^2 + 4 (x.y)^2)
    """
    import numpy as np

    a, b = float(first @ first), float(second @ second)
    root = float(np.sqrt(a * a + b * b - 2 * a * b + 4 * float(first @ second) ** 2))
    return a + b - root, a + b + root


def simulate(
    student: Grid,
    teacher: Grid,
    stop_gradient: bool,
    start: tuple[float, float],
    learning_rate: float,
    momentum: float,
    steps: int,
) -> Grid:
    """Train every cell of the grid at once; whether each has collapsed, `[temperatures, temperatures]`.

    The teacher is the student of the same step. Collapsed (the paper doesn't say how it decides): every
    logit has, at some step, lost half of its initial margin or more. The state at the end alone says
    little: after collapse, momentum lets w swing around zero, and at low temperatures far beyond.
    """
    import numpy as np

    points = np.array([[1.0, 0.0], [0.0, -1.0]])
    weights = np.broadcast_to(np.array(start).reshape(2, 1, 1), (2, *student.shape)).copy()
    velocity = np.zeros_like(weights)
    logits = np.einsum("kd,d...->k...", points, weights)
    labels, initial = np.sign(logits), np.abs(logits)
    least_margin = initial
    for _ in range(steps):
        slope = loss_slope(logits, student, teacher, stop_gradient)
        velocity = momentum * velocity + np.einsum("k...,kd->d...", slope, points)
        weights -= learning_rate * velocity
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
