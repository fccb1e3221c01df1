"""The ordinary classifier: a linear layer and cross-entropy."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective


class Softmax(Objective):
    """Its layer is dropped after training: classes are then known by means of embeddings."""

    def __init__(self, classes: int, dimension: int) -> None:
        super().__init__()
        self.layer = nn.Linear(dimension, classes)

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy."""
        return F.cross_entropy(self.layer(embeddings), labels)
