"""Online methods that take one step along the gradient of a loss of the batch's own logits."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from experiments.test_time_adaptation.normalisation import (
    check_batch,
    check_batch_normalisation,
    learnable,
    use_batch_statistics,
)
from experiments.test_time_adaptation.online import Start
from experiments.test_time_adaptation.protocol import Adapted


class Descending:
    """Predicts with the batch's statistics, then descends: one forward pass serves both."""

    def __init__(self, start: Start, adapted: Adapted, loss: Callable[[Tensor], Tensor]) -> None:
        check_batch_normalisation(start.network)
        use_batch_statistics(start.network)
        self.network = start.network
        self.parameters = learnable(start.network, adapted)
        self.optimiser = start.optimiser(self.parameters)
        self.loss = loss

    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` from before the update."""
        check_batch(images)
        logits: Tensor = self.network(images)
        descend(self.optimiser, self.loss(logits))
        return logits.detach()


def descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step of the optimiser, down the gradient of `loss`."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
