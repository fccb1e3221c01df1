"""MEMO: for each image by itself, one step that makes its views agree and be certain; then all is forgotten.

Zhang, Levine, Finn: MEMO: Test Time Robustness via Adaptation and Augmentation, NeurIPS 2022, arXiv
2110.09506. Minimises the entropy of the mean prediction over views, over all parameters. Batch normalisation
mixes the source statistics, with the weight of `prior` images, with those of the views.
"""

from __future__ import annotations

import copy

import torch
from pydantic import Field
from torch import Tensor

from common.strict import StrictModel
from experiments.test_time_adaptation.baselines.bn_prior import PriorNormalisation
from experiments.test_time_adaptation.descending import descend
from experiments.test_time_adaptation.entropy import entropy_of_mean
from experiments.test_time_adaptation.normalisation import (
    has_batch_normalisation,
    replace_batch_normalisation,
)
from experiments.test_time_adaptation.online import Start
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.views import Views

ONLINE = MethodFacts(statistics="source_and_batch", adapted="all", prediction="after_update")


class Options(StrictModel):
    """Defaults: of the paper.

    Attributes:
        views: of each image.
        prior: images that the source statistics count as, N; one test image is n = 1.
    """

    views: int = Field(default=32, ge=2)
    prior: float = Field(default=16.0, gt=0)


class MarginalEntropy:
    """A fresh copy of the source for each image."""

    def __init__(self, start: Start) -> None:
        if has_batch_normalisation(start.network):
            replace_batch_normalisation(
                start.network, lambda original: PriorNormalisation(original, start.options.prior, count=1)
            )
        self.start = start
        self.views = Views(start.standardise, start.draws)

    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]`, each after a step of its own."""
        return torch.cat([self._one(image[None]) for image in images])

    def _one(self, image: Tensor) -> Tensor:
        network = copy.deepcopy(self.start.network).requires_grad_(True)
        optimiser = self.start.optimiser(list(network.parameters()))
        descend(optimiser, entropy_of_mean(network(self.views.mixed(image, self.start.options.views))))
        with torch.no_grad():
            logits: Tensor = network(image)
        return logits


def online(start: Start) -> MarginalEntropy:
    """The method as the online protocol wants it."""
    return MarginalEntropy(start)
