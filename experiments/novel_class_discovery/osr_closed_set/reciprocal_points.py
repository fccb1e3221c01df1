"""Reciprocal points: what a class is not (Chen et al., ARPL, TPAMI 2021, arXiv 2103.00953), without "+CS"."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.descent import Loss
from common.training.image_set import Batch

MARGIN_WEIGHT = 0.1  # official code


class ReciprocalPoints(nn.Module):
    """logit_c = d(f, P_c) - f · P_c, where d is the squared distance, divided by the dimension.

    The further from its reciprocal point, the more an input is of a class.
    """

    def __init__(self, dimension: int, classes: int) -> None:
        super().__init__()
        self.points = nn.Parameter(0.1 * torch.randn(classes, dimension))  # ours: their deviation
        self.radii = nn.Parameter(torch.zeros(classes))

    def distances(self, features: Tensor) -> Tensor:
        """d(f, P_c), `[batch, classes]`, of features `[batch, dimension]`."""
        squares = features.square().mean(1, keepdim=True) + self.points.square().mean(1)
        return squares - 2 / features.shape[1] * (features @ self.points.T)

    def forward(self, features: Tensor) -> Tensor:
        """Logits `[batch, classes]` of features `[batch, dimension]`."""
        return self.distances(features) - features @ self.points.T


class WithDistances(nn.Module):
    """A network as its training sees it: `[batch, 2 * classes]`, logits and then distances to the points."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Of images `[batch, channels, h, w]`."""
        features = self.network.features(x)  # type: ignore[operator]
        head = cast(ReciprocalPoints, self.network.classifier)
        return torch.cat([head(features), head.distances(features)], dim=1)


def reciprocal_loss(head: ReciprocalPoints, label_smoothing: float) -> Loss:
    """Cross-entropy, and 0.1 times the mean of max(0, d(f, P_y) - R_y) with a learned radius R_y.

    The margin bounds the distance of a class to its own reciprocal point, and with it the open space.
    """

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        logits, distances = logits.chunk(2, dim=1)  # as WithDistances joined them
        own = distances.gather(1, batch.labels[:, None]).squeeze(1)
        margin = F.relu(own - head.radii[batch.labels]).mean()
        entropy = F.cross_entropy(logits, batch.labels, label_smoothing=label_smoothing)
        return entropy + MARGIN_WEIGHT * margin

    return loss
