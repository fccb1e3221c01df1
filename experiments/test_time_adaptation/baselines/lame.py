"""LAME: neighbours in feature space agree on their predictions; the network itself is left as it is.

Boudiaf, Mueller, Ben Ayed, Bertinetto: Parameter-free Online Test-time Adaptation, CVPR 2022, arXiv
2201.05718. Maximises, for each batch, a lower bound that its fixed points Y = softmax(log P + K Y) reach
(equation 6).
"""

from __future__ import annotations

import math

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from common.strict import StrictModel
from experiments.test_time_adaptation.online import Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="source", adapted="nothing", prediction="after_update")
MOST_ROUNDS = 100
SETTLED = 1e-8  # relative change of the energy


class Options(StrictModel):
    """`neighbours`: of each image, besides itself, that the affinity holds."""

    neighbours: int = Field(default=5, ge=1)


def affinity(features: Tensor, neighbours: int) -> Tensor:
    """`[batch, batch]`: 1 where a column is among the nearest `neighbours` of the row's features, else 0.

    Of a batch with fewer others, all are neighbours; an image is none of its own.
    """
    directions = F.normalize(features)
    distances = torch.cdist(directions, directions).fill_diagonal_(torch.inf)
    count = min(neighbours, len(features) - 1)
    nearest = distances.topk(count, largest=False).indices
    return torch.zeros_like(distances).scatter_(1, nearest, 1.0)


def agree(log_probabilities: Tensor, kernel: Tensor) -> Tensor:
    """Assignments `[batch, classes]` at a fixed point of Y = softmax(log P + K Y), begun at P."""
    assignments, energy = log_probabilities.exp(), math.nan
    for _ in range(MOST_ROUNDS):
        pull = kernel @ assignments
        assignments = (log_probabilities + pull).softmax(dim=1)
        found = float(_energy(assignments, log_probabilities, pull))
        if abs(found - energy) <= SETTLED * abs(energy):
            break
        energy = found
    return assignments


def _energy(assignments: Tensor, log_probabilities: Tensor, pull: Tensor) -> Tensor:
    """KL to the network's predictions less the agreement of neighbours."""
    logs = assignments.clamp_min(1e-20).log()
    return (assignments * (logs - log_probabilities - pull)).sum()


class Agreement:
    """The source network, its predictions smoothed over each batch."""

    def __init__(self, start: Start, neighbours: int) -> None:
        self.network, self.neighbours = start.network, neighbours

    @torch.no_grad()
    def step(self, images: Tensor) -> Tensor:
        """Log-assignments `[batch, classes]`."""
        features = self.network.features(images)
        log_probabilities = self.network.classifier(features).log_softmax(dim=1)
        return agree(log_probabilities, affinity(features, self.neighbours)).log()


def online(start: Start) -> Agreement:
    """The method as the online protocol wants it."""
    return Agreement(start, start.options.neighbours)
