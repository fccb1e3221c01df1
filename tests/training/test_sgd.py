"""Our gradient descent against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from common.training.sgd import PlainSGD


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.5, False), (0.9, False), (0.9, True)])
def test_steps_are_those_of_torch(momentum: float, nesterov: bool, weight_decay: float) -> None:
    """Also while the learning rate changes, as a schedule lets it."""
    generator = torch.Generator().manual_seed(0)
    starts = [torch.randn(shape, generator=generator) for shape in ((3,), (2, 4))]
    ours, theirs = ([nn.Parameter(start.clone()) for start in starts] for _ in range(2))
    optimiser = PlainSGD(ours, 0.1, momentum, weight_decay, nesterov)
    reference = torch.optim.SGD(
        theirs, lr=0.1, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov
    )
    for rate in (0.1, 0.1, 0.05, 0.2):
        optimiser.learning_rate = reference.param_groups[0]["lr"] = rate
        gradients = [torch.randn(start.shape, generator=generator) for start in starts]
        kept = [gradient.clone() for gradient in gradients]
        optimiser.step(gradients)
        for parameter, gradient in zip(theirs, kept, strict=True):
            parameter.grad = gradient.clone()
        reference.step()
        for mine, expected in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, expected)
        assert all(torch.equal(a, b) for a, b in zip(gradients, kept, strict=True))  # left as they were
