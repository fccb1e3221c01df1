"""SAR: sharpness-aware entropy minimisation on reliable images, with a reset where it collapses.

Niu, Wu, Zhang, Wen, Chen, Zhao, Tan: Towards Stable Test-Time Adaptation in Dynamic Wild World, ICLR 2023,
arXiv 2302.12400. Images count where H < 0.4 ln C. The gradient is taken where the loss is highest within
`radius`, on the images that are reliable there too. Where the moving average of that loss falls below
`floor`, network and optimiser start anew. Scale and shift of all normalisations learn, but for the last
stage's.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn

from common.strict import BadInputError, StrictModel
from experiments.test_time_adaptation.entropy import entropy
from experiments.test_time_adaptation.normalisation import (
    check_batch,
    has_batch_normalisation,
    learnable,
    use_batch_statistics,
)
from experiments.test_time_adaptation.online import Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="test_batch", adapted="affine")
MEMORY = 0.9  # weight of the past in the average loss


class Options(StrictModel):
    """Defaults: of the paper.

    Attributes:
        margin: of the entropy, as a share of ln C.
        radius: of the perturbation, rho.
        floor: of the average loss, e_m.
    """

    margin: float = Field(default=0.4, gt=0)
    radius: float = Field(default=0.05, gt=0)
    floor: float = Field(default=0.2, ge=0)


class SharpnessAware:
    """Two passes a step: one to climb, one for the gradient."""

    def __init__(self, start: Start) -> None:
        self.statistics_of_batches = has_batch_normalisation(start.network)
        use_batch_statistics(start.network)
        self.network, self.options, self.make = start.network, start.options, start.optimiser
        self.parameters = all_but_the_last_stage(start.network)
        self.source = [parameter.detach().clone() for parameter in self.parameters]
        self.optimiser = self.make(self.parameters)
        self.average: float | None = None

    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` from before the update."""
        if self.statistics_of_batches:
            check_batch(images)
        logits: Tensor = self.network(images)
        entropies = entropy(logits)
        threshold = self.options.margin * math.log(logits.shape[1])
        reliable = entropies < threshold
        if reliable.any():
            gradients = torch.autograd.grad(entropies[reliable].mean(), self.parameters)
            self._descend(images, reliable, threshold, gradients)
        return logits.detach()

    def _descend(self, images: Tensor, reliable: Tensor, threshold: float, gradients: Any) -> None:
        here = [parameter.detach().clone() for parameter in self.parameters]
        length = torch.stack([gradient.square().sum() for gradient in gradients]).sum().sqrt()
        with torch.no_grad():
            for parameter, gradient in zip(self.parameters, gradients, strict=True):
                parameter.add_(gradient, alpha=self.options.radius / (float(length) + 1e-12))
        above = entropy(self.network(images))[reliable]
        still = above[above < threshold]
        found = torch.autograd.grad(still.mean(), self.parameters) if len(still) else None
        self._put_back(here)
        if found is not None:
            for parameter, gradient in zip(self.parameters, found, strict=True):
                parameter.grad = gradient
            self.optimiser.step()
        self._watch(float(above.detach().mean()))

    def _watch(self, loss: float) -> None:
        """Start anew where the average loss shows that all predictions have become certain."""
        self.average = loss if self.average is None else MEMORY * self.average + (1 - MEMORY) * loss
        if self.average < self.options.floor:
            self._put_back(self.source)
            self.optimiser = self.make(self.parameters)
            self.average = None

    @torch.no_grad()
    def _put_back(self, values: list[Tensor]) -> None:
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.copy_(value)


def all_but_the_last_stage(network: Any) -> list[nn.Parameter]:
    """Scale and shift of normalisations outside the last stage, which alone are left to learn.

    Raises BadInputError for a network that isn't in stages.
    """
    stages = getattr(network, "stages", None)
    if stages is None or len(stages) < 2:
        raise BadInputError("SAR leaves the last stage alone, but the network has no 'stages'.")
    last = {id(parameter) for parameter in stages[-1].parameters()}
    chosen = [parameter for parameter in learnable(network, "affine") if id(parameter) not in last]
    network.requires_grad_(False)
    for parameter in chosen:
        parameter.requires_grad_(True)
    return chosen


def online(start: Start) -> SharpnessAware:
    """The method as the online protocol wants it."""
    return SharpnessAware(start)
