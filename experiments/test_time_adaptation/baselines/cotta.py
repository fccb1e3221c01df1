"""CoTTA: a student follows a weight-averaged, view-averaged teacher, and is restored to the source bit by
bit.

Wang, Fink, Van Gool, Dai: Continual Test-Time Domain Adaptation, CVPR 2022, arXiv 2203.13591. The teacher's
prediction is averaged over views where the source network is unsure; each weight of the student returns to
its source value with a small probability after each step. Predictions are the teacher's.
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from common.strict import StrictModel
from experiments.test_time_adaptation.descending import descend
from experiments.test_time_adaptation.entropy import cross_entropy
from experiments.test_time_adaptation.normalisation import (
    check_batch,
    check_batch_normalisation,
    learnable,
    use_batch_statistics,
)
from experiments.test_time_adaptation.online import Start
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.teachers import follow, teacher_of
from experiments.test_time_adaptation.views import Views

ONLINE = MethodFacts(statistics="test_batch", adapted="all", prediction="teacher")


class Options(StrictModel):
    """Defaults: of the paper on CIFAR-10.

    Attributes:
        views: that the teacher's logits are averaged over.
        sure: mean confidence of the source network from which on the image itself is enough.
        pace: of the teacher, a share of its distance to the student each step.
        restored: the probability with which a weight returns to the source.
    """

    views: int = Field(default=32, ge=1)
    sure: float = Field(default=0.92, ge=0, le=1)
    pace: float = Field(default=0.001, gt=0, le=1)
    restored: float = Field(default=0.01, ge=0, le=1)


class ContinualTeaching:
    """Student, teacher, and the source network that both began as."""

    def __init__(self, start: Start) -> None:
        check_batch_normalisation(start.network)
        use_batch_statistics(start.network)
        self.student, self.options, self.draws = start.network, start.options, start.draws
        self.teacher, self.source = teacher_of(start.network), teacher_of(start.network)
        self.parameters = learnable(start.network, ONLINE.adapted)
        self.optimiser = start.optimiser(self.parameters)
        self.views = Views(start.standardise, start.draws)

    def step(self, images: Tensor) -> Tensor:
        """The teacher's logits `[batch, classes]` from before the update."""
        check_batch(images)
        taught = self._taught(images)
        descend(self.optimiser, cross_entropy(self.student(images), taught).mean())
        follow(self.teacher, self.student, self.options.pace)
        self._restore()
        return taught

    @torch.no_grad()
    def _taught(self, images: Tensor) -> Tensor:
        confidence = self.source(images).softmax(dim=1).amax(dim=1).mean()
        if confidence >= self.options.sure:
            logits: Tensor = self.teacher(images)
            return logits
        views = [self.teacher(self.views.strong(images)) for _ in range(self.options.views)]
        return torch.stack(views).mean(dim=0)

    @torch.no_grad()
    def _restore(self) -> None:
        for parameter, source in zip(self.parameters, self.source.parameters(), strict=True):
            chosen = torch.rand(parameter.shape, generator=self.draws).to(parameter.device)
            parameter.copy_(torch.where(chosen < self.options.restored, source, parameter))


def online(start: Start) -> ContinualTeaching:
    """The method as the online protocol wants it."""
    return ContinualTeaching(start)
