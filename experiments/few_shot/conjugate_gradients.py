"""Preconditioned conjugate gradients for many small systems at once."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Operator = Callable[[Tensor], Tensor]
SMALLEST = 1e-300  # a system that is solved has a residual of zero, by which nothing is divided


def solve(operator: Operator, right: Tensor, precondition: Operator, relative: float, most: int) -> Tensor:
    """x with operator(x) = right, both `[systems, rows, columns]`, from x = 0.

    Hestenes and Stiefel 1952. Ends when the preconditioned residual of every system has fallen to `relative`
    times its start, or after `most` steps; what is found then is still a direction of descent.
    """
    solution, residual = torch.zeros_like(right), right
    direction = corrected = precondition(residual)
    length = start = (residual * corrected).sum((1, 2))
    for _ in range(most):
        product = operator(direction)
        step = length / (direction * product).sum((1, 2)).clamp_min(SMALLEST)
        solution = solution + step[:, None, None] * direction
        residual = residual - step[:, None, None] * product
        corrected = precondition(residual)
        before, length = length, (residual * corrected).sum((1, 2))
        if bool((length <= relative**2 * start).all()):
            break
        direction = corrected + (length / before.clamp_min(SMALLEST))[:, None, None] * direction
    return solution
