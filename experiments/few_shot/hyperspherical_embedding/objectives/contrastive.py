"""The contrastive loss of a Siamese network, over all pairs of a batch.

Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping, 2006: half of d^2 for a
pair of one class, half of max(0, m - d)^2 for a pair of two.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.objectives.pairs import same_class, unit_distances


class Contrastive(Objective):
    """Reads `margin`. On unit vectors; each image is embedded once and takes part in all of its pairs."""

    balanced = True

    def __init__(self, margin: float) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The mean over pairs of one class plus that over pairs of two, halved: few aren't outvoted."""
        distances = unit_distances(embeddings)
        alike, apart = same_class(labels)
        together = 0.5 * distances[alike].square().mean()
        return 0.5 * (together + 0.5 * F.relu(self.margin - distances[apart]).square().mean())
