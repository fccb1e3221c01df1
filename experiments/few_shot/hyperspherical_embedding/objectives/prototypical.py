"""The loss of prototypical networks, each batch a task.

Snell, Swersky, Zemel: Prototypical Networks for Few-shot Learning, 2017, arXiv 1703.05175: cross-entropy of
the queries by minus the squared Euclidean distance to the mean of each class's support.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective


class Prototypical(Objective):
    """Reads `shots`: so many images of each class in the batch, its first ones, are its support."""

    balanced = True

    def __init__(self, shots: int) -> None:
        super().__init__()
        self.shots = shots

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy of the queries; raises BadInputError where a class has none left."""
        classes, names, counts = labels.unique(return_inverse=True, return_counts=True)
        if int(counts.min()) <= self.shots:
            raise BadInputError(
                f"A batch has {int(counts.min())} image(s) of a class, and {self.shots} of them would be its "
                "support, so that none is left to ask about; lower 'shots' or raise 'batch_size'."
            )
        members = [torch.nonzero(names == place).flatten() for place in range(len(classes))]
        prototypes = torch.stack([embeddings[own[: self.shots]].mean(dim=0) for own in members])
        asked = torch.cat([own[self.shots :] for own in members])
        distances = torch.cdist(embeddings[asked], prototypes).square()
        return F.cross_entropy(-distances, names[asked])
