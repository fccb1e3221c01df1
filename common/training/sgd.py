"""Stochastic gradient descent for jobs of a few seconds.

`torch.optim` does the same, but its first optimiser loads torch's compiler, 1.3 s in every process: as
much again as torch itself, for jobs whose whole work is of that order.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class PlainSGD:
    """g <- g + weight_decay p; v <- momentum v + g; p <- p - learning_rate v, as `torch.optim.SGD` has it.

    With `nesterov` the step is along g + momentum v.
    """

    def __init__(
        self,
        parameters: Sequence[nn.Parameter],
        learning_rate: float,
        momentum: float,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        self.parameters: list[Tensor] = list(parameters)
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.nesterov = nesterov
        self.velocity: list[Tensor] | None = None

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """Move the parameters by one step along `gradients`, which are in the parameters' order."""
        if self.weight_decay:
            gradients = torch._foreach_add(list(gradients), self.parameters, alpha=self.weight_decay)
        velocity = self._accelerated(list(gradients)) if self.momentum else list(gradients)
        torch._foreach_add_(self.parameters, velocity, alpha=-self.learning_rate)

    def restore(self, velocity: Sequence[Tensor] | None) -> None:
        """Take up the velocity of an earlier attempt, on the parameters' device and in their layout."""
        if velocity is not None:
            pairs = zip(self.parameters, velocity, strict=True)
            self.velocity = [torch.empty_like(parameter).copy_(saved) for parameter, saved in pairs]

    def _accelerated(self, gradients: list[Tensor]) -> list[Tensor]:
        if self.velocity is None:
            self.velocity = [gradient.clone() for gradient in gradients]
        else:
            torch._foreach_mul_(self.velocity, self.momentum)
            torch._foreach_add_(self.velocity, gradients)
        if not self.nesterov:
            return self.velocity
        return list(torch._foreach_add(gradients, self.velocity, alpha=self.momentum))
