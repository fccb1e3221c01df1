"""The triplet loss with the hardest positive and the hardest negative of the batch.

Hermans, Beyer, Leibe: In Defense of the Triplet Loss for Person Re-Identification, 2017, arXiv 1703.07737,
batch hard: mean over anchors of max(0, m + the farthest of its class - the nearest of another).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.objectives.pairs import same_class, unit_distances


class BatchHardTriplet(Objective):
    """Reads `margin`. On unit vectors, so that a margin means the same for every network."""

    balanced = True

    def __init__(self, margin: float) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The mean over those images that have another of their class in the batch."""
        distances = unit_distances(embeddings)
        alike, apart = same_class(labels)
        farthest = torch.where(alike, distances, -torch.inf).amax(dim=1)
        nearest = torch.where(apart, distances, torch.inf).amin(dim=1)
        anchors = alike.any(dim=1)
        return F.relu(self.margin + farthest[anchors] - nearest[anchors]).mean()
