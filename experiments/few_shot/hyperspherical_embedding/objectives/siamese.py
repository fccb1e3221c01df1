"""The contrastive loss of a Siamese network as it was published: each example is a pair that is drawn.

Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping, 2006: half of d^2 for a
pair of one class, half of max(0, m - d)^2 for a pair of two.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective


class Siamese(Objective):
    """Reads `margin`. The second half of a batch holds the partner of each image of the first half."""

    paired = True

    def __init__(self, margin: float) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The mean over pairs of unit vectors."""
        first, second = F.normalize(embeddings, dim=-1).chunk(2)
        one, other = labels.chunk(2)
        distances = (first - second).norm(dim=-1)
        apart = F.relu(self.margin - distances)
        return 0.5 * torch.where(one == other, distances, apart).square().mean()
