"""T3A: a classifier of class means that test features join as they come; no gradient.

Iwasawa and Matsuo: Test-Time Classifier Adjustment Module for Model-Agnostic Domain Generalization, NeurIPS
2021. Supports begin as the rows of the classifier. Each test feature joins the class that the network
predicts; of a class, the `kept` supports of the lowest entropy make its mean. All supports have length one.
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from common.strict import StrictModel
from experiments.test_time_adaptation.entropy import entropy
from experiments.test_time_adaptation.online import Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="source", adapted="nothing", prediction="after_update")


class Options(StrictModel):
    """`kept`: supports of a class, of the paper's grid 1, 5, 20, 50, 100; null: all."""

    kept: int | None = Field(default=100, ge=1)


class SupportSet:
    """Supports `[n, d]` of length one, their classes `[n]` and the entropies `[n]` of their predictions."""

    def __init__(self, weights: Tensor, logits: Tensor, kept: int | None) -> None:
        self.supports = F.normalize(weights)
        self.classes = logits.argmax(dim=1)
        self.entropies = entropy(logits)
        self.count, self.kept = len(weights), kept

    def add(self, features: Tensor, logits: Tensor) -> None:
        """Take in features `[batch, d]` under the classes that `logits` `[batch, classes]` say."""
        self.supports = torch.cat([self.supports, F.normalize(features)])
        self.classes = torch.cat([self.classes, logits.argmax(dim=1)])
        self.entropies = torch.cat([self.entropies, entropy(logits)])
        if self.kept is not None:
            self._forget(self.kept)

    def prototypes(self) -> Tensor:
        """The mean direction of each class, `[classes, d]`; zeros for a class without support."""
        members = F.one_hot(self.classes, self.count).to(self.supports.dtype)
        return F.normalize(members.T @ self.supports)

    def _forget(self, kept: int) -> None:
        """Keep of each class the supports with the lowest entropies, the earlier of two equal ones."""
        by_entropy = self.entropies.argsort(stable=True)
        order = by_entropy[self.classes[by_entropy].argsort(stable=True)]  # by class, then by entropy
        counts = self.classes.bincount(minlength=self.count)
        first = counts.cumsum(0) - counts
        rank = torch.arange(len(order), device=order.device) - first[self.classes[order]]
        staying = order[rank < kept].sort().values
        self.supports = self.supports[staying]
        self.classes, self.entropies = self.classes[staying], self.entropies[staying]


class ClassifierAdjustment:
    """The source network's features under a classifier of prototypes."""

    @torch.no_grad()
    def __init__(self, start: Start, kept: int | None) -> None:
        self.network = start.network
        weights = start.network.classifier.weight
        self.supports = SupportSet(weights, start.network.classifier(weights), kept)

    @torch.no_grad()
    def step(self, images: Tensor) -> Tensor:
        """Products `[batch, classes]` of features and prototypes, these images already among them."""
        features = self.network.features(images)
        self.supports.add(features, self.network.classifier(features))
        scores: Tensor = features @ self.supports.prototypes().T
        return scores


def online(start: Start) -> ClassifierAdjustment:
    """The method as the online protocol wants it."""
    return ClassifierAdjustment(start, start.options.kept)
