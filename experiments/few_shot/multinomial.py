"""Batched multinomial logistic regression: Newton's method in the span of the support, all tasks at once.

Two exact reductions make the problem small. The optimal W lies in the span of the examples, so that where
there are fewer examples than features, the rows of a Cholesky factor of their inner products take their
place. And W and b sum to zero over the classes, so that classes have ways - 1 coordinates.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.few_shot.conjugate_gradients import solve

MOST_STEPS = 100  # Newton's method takes about five
MOST_HALVINGS = 40
# Squared Newton decrement, twice what the objective may still fall by, before the last step.
PRECISION = 1e-6
FORCING = 1e-2  # each Newton system is solved to this residual, so that the last step gains four digits
# Of the mean squared length of the examples: makes a factor of repeated examples' inner products exist.
JITTER = 1e-12


class LinearClassifiers(NamedTuple):
    """One for each task: weights `[episodes, ways, dimension]` and biases `[episodes, ways]`, float64."""

    weights: Tensor
    biases: Tensor

    def logits(self, queries: Tensor) -> Tensor:
        """`[episodes, questions, ways]` of queries `[episodes, questions, dimension]`, in their precision."""
        weights, biases = self.weights.to(queries.dtype), self.biases.to(queries.dtype)
        return torch.baddbmm(biases[:, None], queries, weights.mT)


class _Problem(NamedTuple):
    """Coordinates `[e, n, r + 1]` whose last is 1, targets `[n, ways]`, classes' basis `[ways, ways - 1]`.

    `penalty` `[r + 1, 1]` is 1 but for the last coordinate, whose weight is the bias.
    """

    inputs: Tensor
    targets: Tensor
    basis: Tensor
    strength: float
    penalty: Tensor

    def objective(self, solution: Tensor) -> Tensor:
        """½ ‖W‖² + C Σ CE, `[e]`, of solutions `[e, r + 1, ways - 1]`."""
        logits = self.inputs @ solution @ self.basis.T
        losses = logits.logsumexp(-1) - (logits * self.targets).sum(-1)
        return 0.5 * (self.penalty * solution.square()).sum((1, 2)) + self.strength * losses.sum(-1)

    def newton_step(self, solution: Tensor) -> tuple[Tensor, Tensor]:
        """The step `[e, r + 1, ways - 1]`, and the squared decrement gᵀ H⁻¹ g `[e]`.

        Preconditioned by the Hessian as it would be if each example's were a multiple of the identity.
        """
        shares = (self.inputs @ solution @ self.basis.T).softmax(-1)
        residual = (shares - self.targets) @ self.basis
        gradient = self.strength * self.inputs.mT @ residual + self.penalty * solution
        curvature = (1 - shares.square().sum(-1, keepdim=True)) / self.basis.shape[1]
        alike = self.strength * (self.inputs * curvature).mT @ self.inputs
        alike.diagonal(dim1=1, dim2=2).add_(self.penalty[:, 0] + 1e-9)
        factor = torch.linalg.cholesky(alike)

        def hessian(direction: Tensor) -> Tensor:
            moved = shares * (self.inputs @ direction @ self.basis.T)
            moved = moved - shares * moved.sum(-1, keepdim=True)
            return self.strength * self.inputs.mT @ (moved @ self.basis) + self.penalty * direction

        step = solve(hessian, gradient, lambda right: torch.cholesky_solve(right, factor), FORCING, 200)
        return step, (gradient * step).sum((1, 2))


def fit(support: Tensor, labels: Tensor, strength: float) -> LinearClassifiers:
    """Minimise ½ ‖W‖² + strength Σ_i CE(W x_i + b, y_i) for every task, in float64.

    Args:
        support: `[episodes, examples, dimension]`.
        labels: int64 `[examples]`, each of 0..ways-1 at least once.
        strength: scikit-learn's C.

    Raises:
        BadInputError: where features are not finite, or the optimum is not reached.
    """
    if not torch.isfinite(support).all():
        raise BadInputError("Logistic regression was given features that are not finite; train again.")
    examples = support.double()
    factor = _factor(examples) if examples.shape[1] < examples.shape[2] else None
    coordinates = examples if factor is None else factor
    targets = F.one_hot(labels).to(examples)
    basis = sum_zero_basis(targets.shape[1]).to(examples)
    inputs = F.pad(coordinates, (0, 1), value=1.0)
    penalty = inputs.new_ones(inputs.shape[2], 1)
    penalty[-1] = 0
    solution = _minimise(_Problem(inputs, targets, basis, strength, penalty))
    weights, biases = solution[:, :-1] @ basis.T, solution[:, -1] @ basis.T
    if factor is not None:
        weights = examples.mT @ torch.linalg.solve_triangular(factor.mT, weights, upper=True)
    return LinearClassifiers(weights.mT, biases)


def _factor(examples: Tensor) -> Tensor:
    """Lower triangular L with L Lᵀ the inner products of each task's examples, `[e, n, n]`."""
    products = examples @ examples.mT
    diagonal = products.diagonal(dim1=1, dim2=2)
    diagonal.add_(JITTER * diagonal.mean(dim=1, keepdim=True) + torch.finfo(products.dtype).tiny)
    factor: Tensor = torch.linalg.cholesky(products)
    return factor


def sum_zero_basis(ways: int) -> Tensor:
    """Orthonormal columns `[ways, ways - 1]` that each sum to zero (Helmert's)."""
    basis = torch.zeros(ways, ways - 1, dtype=torch.float64)
    for column in range(1, ways):
        basis[:column, column - 1] = 1
        basis[column, column - 1] = -column
    orthonormal: Tensor = basis / basis.norm(dim=0)
    return orthonormal


def _minimise(problem: _Problem) -> Tensor:
    """Newton's method with halved steps where a whole one would not lower a task's objective."""
    tasks, _, size = problem.inputs.shape
    solution = problem.inputs.new_zeros(tasks, size, problem.basis.shape[1])
    value = problem.objective(solution)
    for _ in range(MOST_STEPS):
        step, decrement = problem.newton_step(solution)
        solution, value = _descended(problem, solution, value, step, decrement)
        if bool((decrement <= PRECISION * (1 + value)).all()):
            return solution
    raise BadInputError(
        f"Logistic regression is not at its optimum after {MOST_STEPS} Newton steps; are features of a "
        "length far from one? Normalise them."
    )


def _descended(
    problem: _Problem, solution: Tensor, value: Tensor, step: Tensor, decrement: Tensor
) -> tuple[Tensor, Tensor]:
    """Each task's longest of the steps 1, ½, ¼ … that lowers its objective by Armijo's rule."""
    length = torch.ones_like(value)
    for _ in range(MOST_HALVINGS):
        moved = solution - length[:, None, None] * step
        reached = problem.objective(moved)
        # A task at its optimum may rise by rounding.
        short = reached > value - 1e-4 * length * decrement + 1e-12 * (1 + value)
        if not bool(short.any()):
            break
        length = torch.where(short, length / 2, length)
    return moved, reached
