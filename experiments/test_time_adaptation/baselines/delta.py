"""DELTA: entropy minimisation with renormalised batches and weights against frequent classes.

Zhao, Chen, Xia: DELTA: Degradation-free Fully Test-time Adaptation, ICLR 2023, arXiv 2301.13018. Test-time
batch renormalisation (TBR): the batch's statistics carry the gradient, moving averages set scale and place.
Dynamic online reweighting (DOT): an image counts by the inverse of its predicted class's average frequency.
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from common.strict import StrictModel
from experiments.test_time_adaptation.descending import descend
from experiments.test_time_adaptation.entropy import entropy
from experiments.test_time_adaptation.normalisation import (
    Normaliser,
    batch_moments,
    check_batch,
    learnable,
    replace_batch_normalisation,
)
from experiments.test_time_adaptation.online import Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="running_average", adapted="affine")


class Options(StrictModel):
    """Defaults: of the paper.

    Attributes:
        memory: weight of the past in the average statistics.
        class_memory: weight of the past in the average class frequencies.
    """

    memory: float = Field(default=0.95, ge=0, lt=1)
    class_memory: float = Field(default=0.95, ge=0, lt=1)


class Renormalisation(Normaliser):
    """By the batch, then by r = sigma_b / sigma and d = (mu_b - mu) / sigma, which carry no gradient.

    The averages begin as the first batch's statistics.
    """

    def __init__(self, original: nn.modules.batchnorm._BatchNorm, memory: float) -> None:
        super().__init__(original)
        self.memory = memory
        self.average: tuple[Tensor, Tensor] | None = None  # mean and deviation

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `[batch, channels, h, w]`, with the averages as they are before this batch joins them."""
        mean, variance = batch_moments(x.detach())
        deviation = (variance + self.epsilon).sqrt()
        if self.average is None:
            self.average = mean, deviation
        average_mean, average_deviation = self.average
        ratio, offset = deviation / average_deviation, (mean - average_mean) / average_deviation
        self.average = (
            torch.lerp(mean, average_mean, self.memory),
            torch.lerp(deviation, average_deviation, self.memory),
        )
        scale, shift = self.weight * ratio, self.bias + self.weight * offset
        return F.batch_norm(x, None, None, scale, shift, training=True, eps=self.epsilon)


class Debiased:
    """TENT with TBR and DOT."""

    def __init__(self, start: Start) -> None:
        replace_batch_normalisation(
            start.network, lambda original: Renormalisation(original, start.options.memory)
        )
        self.network, self.memory = start.network, start.options.class_memory
        self.optimiser = start.optimiser(learnable(start.network, ONLINE.adapted))
        self.frequencies: Tensor | None = None

    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` from before the update."""
        check_batch(images)
        logits: Tensor = self.network(images)
        predictions = logits.detach().softmax(dim=1)
        if self.frequencies is None:
            self.frequencies = torch.full_like(predictions[0], 1 / logits.shape[1])
        weights = inverse_frequency(predictions.argmax(dim=1), self.frequencies)
        descend(self.optimiser, (weights * entropy(logits)).mean())
        self.frequencies = torch.lerp(predictions.mean(dim=0), self.frequencies, self.memory)
        return logits.detach()


def inverse_frequency(labels: Tensor, frequencies: Tensor) -> Tensor:
    """Weights `[batch]` of predicted labels, with the mean 1."""
    weights = 1 / (frequencies[labels] + 1e-12)
    return weights / weights.mean()


def online(start: Start) -> Debiased:
    """The method as the online protocol wants it."""
    return Debiased(start)
