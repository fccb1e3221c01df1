"""Batch-norm adaptation with a prior: the source statistics count as so many images besides the batch's.

Schneider, Rusak, Eck, Bringmann, Brendel, Bethge: Improving robustness against common corruptions by
covariate shift adaptation, NeurIPS 2020, arXiv 2006.16971, equation 1.
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor, nn

from common.strict import StrictModel
from experiments.test_time_adaptation.baselines.source import Predicting
from experiments.test_time_adaptation.normalisation import (
    Normaliser,
    batch_moments,
    replace_batch_normalisation,
)
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="source_and_batch", adapted="nothing")


class Options(StrictModel):
    """`prior`: images that the source statistics count as, N; 16: the usual one for small batches."""

    prior: float = Field(default=16.0, gt=0)


class PriorNormalisation(Normaliser):
    """Statistics N / (N + n) of the source and n / (N + n) of the batch, which has n images.

    `count` is n where the batch holds views of one image.
    """

    mean: Tensor
    variance: Tensor

    def __init__(
        self, original: nn.modules.batchnorm._BatchNorm, prior: float, count: int | None = None
    ) -> None:
        super().__init__(original)
        self.prior, self.count = prior, count

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `[batch, channels, h, w]`."""
        images = self.count or len(x)
        share = images / (self.prior + images)
        mean, variance = batch_moments(x)
        return self.normalised(
            x, torch.lerp(self.mean, mean, share), torch.lerp(self.variance, variance, share)
        )


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it."""
    prior = start.options.prior
    replace_batch_normalisation(start.network, lambda original: PriorNormalisation(original, prior))
    return Predicting(start.network)
