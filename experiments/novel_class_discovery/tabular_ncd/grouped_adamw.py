"""AdamW with a learning rate of each network's own.

Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2, with torch's constants.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-8


class GroupedAdamW:
    """Steps on parameters whose entries belong to the networks one after another, in equal parts."""

    def __init__(
        self, parameters: Sequence[nn.Parameter], learning_rates: Sequence[float], weight_decay: float
    ) -> None:
        self.parameters = list(parameters)
        self._groups = len(learning_rates)
        rates = torch.tensor(learning_rates, dtype=torch.float32)
        self._rates = rates[:, None]
        self._decay = weight_decay
        self._means = [torch.zeros_like(self._parts(each)) for each in self.parameters]
        self._squares = [torch.zeros_like(self._parts(each)) for each in self.parameters]
        self._steps = 0

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """One step down the gradients, which are given in the order of the parameters."""
        self._steps += 1
        first, second = 1 - FIRST**self._steps, 1 - SECOND**self._steps
        for parameter, gradient, mean, square in zip(
            self.parameters, gradients, self._means, self._squares, strict=True
        ):
            part, slope = self._parts(parameter), gradient.reshape(mean.shape)
            mean.lerp_(slope, 1 - FIRST)
            square.mul_(SECOND).addcmul_(slope, slope, value=1 - SECOND)
            change = mean / (square / second).sqrt_().add_(EPSILON)
            part.mul_(1 - self._rates * self._decay).sub_(change * (self._rates / first))

    def _parts(self, parameter: Tensor) -> Tensor:
        """The parameter with the networks as its first dimension."""
        return parameter.view(self._groups, -1)
