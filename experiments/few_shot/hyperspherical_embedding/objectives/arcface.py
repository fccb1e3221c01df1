"""ArcFace: an angle is added between an image and the column of its class.

Deng, Guo, Xue, Zafeiriou: ArcFace: Additive Angular Margin Loss for Deep Face Recognition, 2019,
arXiv 1801.07698: the logit of the true class is s cos(theta_y + m), that of any other s cos theta_j.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.objectives.random_columns import random_columns

_SMALLEST = 1e-12  # of a squared sine: the root's slope is infinite at 0


class ArcFace(Objective):
    """Reads `scale` (s) and `margin` (m, radians). As printed, also where theta_y + m passes 180 degrees."""

    def __init__(self, classes: int, dimension: int, scale: float, margin: float) -> None:
        super().__init__()
        self.scale, self.margin = scale, margin
        self.weight = nn.Parameter(random_columns(classes, dimension))

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of the logits with the margin."""
        cosines = F.normalize(embeddings, dim=-1) @ F.normalize(self.weight, dim=-1).T
        own = cosines.gather(1, labels[:, None])
        sines = (1 - own**2).clamp_min(_SMALLEST).sqrt()
        moved = own * math.cos(self.margin) - sines * math.sin(self.margin)
        return F.cross_entropy(self.scale * torch.scatter(cosines, 1, labels[:, None], moved), labels)

    def columns(self) -> Tensor:
        """The directions of the class vectors."""
        return F.normalize(self.weight.detach(), dim=-1)
