"""EATA: entropy minimisation on reliable and non-redundant images, held near the source by their Fisher
information.

Niu, Wu, Zhang, Chen, Zheng, Zhao, Tan: Efficient Test-Time Model Adaptation without Forgetting, ICML 2022,
arXiv 2204.02610. Images count where H < E_0 = 0.4 ln C and the prediction is not like the average of earlier
ones (cosine below `likeness`); weight exp(E_0 - H). Penalty: beta sum_j F_j (theta_j - theta_j^0)^2.
"""

from __future__ import annotations

import math

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError, StrictModel
from experiments.test_time_adaptation.descending import descend
from experiments.test_time_adaptation.entropy import entropy
from experiments.test_time_adaptation.normalisation import (
    check_batch,
    check_batch_normalisation,
    learnable,
    use_batch_statistics,
)
from experiments.test_time_adaptation.online import SourceSample, Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="test_batch", adapted="affine", source_data="unlabelled_sample")
MEMORY = 0.9  # weight of the past in the average prediction
FISHER_BATCH = 64


class Options(StrictModel):
    """Defaults: of the paper on CIFAR-10.

    Attributes:
        margin: E_0 as a share of ln C.
        likeness: cosine with the average prediction from which on an image is redundant.
        penalty: beta; 0: the paper's ETA, which needs nothing of the source.
    """

    margin: float = Field(default=0.4, gt=0)
    likeness: float = Field(default=0.4, gt=0)
    penalty: float = Field(default=1.0, ge=0)


class EfficientAdaptation:
    """Predicts, chooses images, descends on them."""

    def __init__(self, start: Start) -> None:
        check_batch_normalisation(start.network)
        use_batch_statistics(start.network)
        self.network, self.options = start.network, start.options
        self.parameters = learnable(start.network, ONLINE.adapted)
        self.source = [parameter.detach().clone() for parameter in self.parameters]
        self.optimiser = start.optimiser(self.parameters)
        self.average: Tensor | None = None
        self.information = self._information(start.sample) if start.options.penalty else None

    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` from before the update."""
        check_batch(images)
        logits: Tensor = self.network(images)
        entropies = entropy(logits)
        threshold = self.options.margin * math.log(logits.shape[1])
        chosen = self._chosen(logits.detach(), entropies.detach(), threshold)
        if chosen.any():
            weights = (threshold - entropies[chosen].detach()).exp()
            descend(self.optimiser, (weights * entropies[chosen]).mean() + self._penalty())
        return logits.detach()

    def _chosen(self, logits: Tensor, entropies: Tensor, threshold: float) -> Tensor:
        """Which images count, `[batch]`; the average prediction moves towards theirs."""
        chosen, predictions = entropies < threshold, logits.softmax(dim=1)
        if self.average is not None:
            likeness = F.cosine_similarity(self.average[None], predictions, dim=1)
            chosen &= likeness.abs() < self.options.likeness
        if chosen.any():
            new = predictions[chosen].mean(dim=0)
            self.average = new if self.average is None else MEMORY * self.average + (1 - MEMORY) * new
        return chosen

    def _penalty(self) -> Tensor:
        if self.information is None:
            return torch.zeros((), device=self.source[0].device)
        parts = [
            (information * (parameter - source).square()).sum()
            for information, parameter, source in zip(
                self.information, self.parameters, self.source, strict=True
            )
        ]
        penalty: Tensor = self.options.penalty * torch.stack(parts).sum()
        return penalty

    def _information(self, sample: SourceSample | None) -> list[Tensor]:
        if sample is None:
            raise BadInputError(
                "EATA's penalty needs images of the source: set 'source_images', or penalty: 0."
            )
        return sample.once("information", lambda: self._fisher(sample))

    def _fisher(self, sample: SourceSample) -> list[Tensor]:
        """Mean over batches of the squared gradient of the cross-entropy to the network's own labels."""
        found = [torch.zeros_like(parameter) for parameter in self.parameters]
        count = math.ceil(len(sample.labels) / FISHER_BATCH)
        for images in sample.batches(FISHER_BATCH):
            logits = self.network(images)
            loss = F.cross_entropy(logits, logits.argmax(dim=1))
            for total, gradient in zip(found, torch.autograd.grad(loss, self.parameters), strict=True):
                total += gradient.square() / count
        return found


def online(start: Start) -> EfficientAdaptation:
    """The method as the online protocol wants it."""
    return EfficientAdaptation(start)
