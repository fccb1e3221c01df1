"""RoTTA: slow statistics, a balanced memory and a slow teacher, for streams whose classes come in bursts.

Yuan, Xie, Li: Robust Test-Time Adaptation in Dynamic Scenarios, CVPR 2023, arXiv 2303.13899. Batch
normalisation uses running statistics that move by alpha at each update; every `every` images the student
learns the teacher's predictions on the memory, under strong views, younger items with more weight.
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor, nn

from common.strict import StrictModel
from experiments.test_time_adaptation.descending import descend
from experiments.test_time_adaptation.entropy import cross_entropy, entropy
from experiments.test_time_adaptation.memory_bank import MemoryBank
from experiments.test_time_adaptation.normalisation import (
    Normaliser,
    batch_moments,
    learnable,
    replace_batch_normalisation,
)
from experiments.test_time_adaptation.online import Start
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.teachers import follow, teacher_of
from experiments.test_time_adaptation.views import Views

ONLINE = MethodFacts(statistics="running_average", adapted="affine", prediction="teacher")


class Options(StrictModel):
    """Defaults: of the paper.

    Attributes:
        capacity: of the memory, in images.
        every: so many images, the memory is learned from.
        pace: of the teacher, nu.
        momentum: of the statistics, alpha.
    """

    capacity: int = Field(default=64, ge=2)
    every: int = Field(default=64, ge=1)
    pace: float = Field(default=0.001, gt=0, le=1)
    momentum: float = Field(default=0.05, gt=0, le=1)


class RobustNormalisation(Normaliser):
    """Statistics that move a little towards each batch in training, and stand still in evaluation."""

    mean: Tensor
    variance: Tensor

    def __init__(self, original: nn.modules.batchnorm._BatchNorm, momentum: float) -> None:
        super().__init__(original)
        self.momentum = momentum

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `[batch, channels, h, w]`; the gradient flows through the batch's share."""
        if not self.training:
            return self.normalised(x, self.mean, self.variance)
        mean, variance = batch_moments(x)
        mean = torch.lerp(self.mean, mean, self.momentum)
        variance = torch.lerp(self.variance, variance, self.momentum)
        self.mean, self.variance = mean.detach(), variance.detach()
        return self.normalised(x, mean, variance)


class RobustTeaching:
    """Student, teacher and memory."""

    def __init__(self, start: Start) -> None:
        self.options = start.options
        replace_batch_normalisation(
            start.network, lambda original: RobustNormalisation(original, self.options.momentum)
        )
        self.student = start.network
        self.teacher = teacher_of(start.network)
        self.optimiser = start.optimiser(learnable(start.network, ONLINE.adapted))
        self.views = Views(start.standardise, start.draws)
        self.memory: MemoryBank | None = None
        self.seen = 0

    def step(self, images: Tensor) -> Tensor:
        """The teacher's logits `[batch, classes]` from before the updates that these images bring about."""
        self.teacher.eval()
        with torch.no_grad():
            logits: Tensor = self.teacher(images)
        if self.memory is None:
            self.memory = MemoryBank(self.options.capacity, logits.shape[1])
        labels, entropies = logits.argmax(dim=1).tolist(), entropy(logits).tolist()
        for image, label, doubt in zip(images, labels, entropies, strict=True):
            self.memory.add(image, label, doubt)
            self.seen += 1
            if self.seen % self.options.every == 0:
                self._learn(self.memory)
        return logits

    def _learn(self, memory: MemoryBank) -> None:
        self.student.train()
        self.teacher.train()
        images, ages = memory.images()
        with torch.no_grad():
            taught = self.teacher(images)
        weights = timeliness(ages).to(images.device)
        losses = cross_entropy(self.student(self.views.strong(images)), taught)
        descend(self.optimiser, (weights * losses).mean())
        follow(self.teacher, self.student, self.options.pace)
        self.teacher.eval()


def timeliness(ages: Tensor) -> Tensor:
    """exp(-a) / (1 + exp(-a)) of ages `[n]` as shares of the capacity."""
    return torch.sigmoid(-ages)


def online(start: Start) -> RobustTeaching:
    """The method as the online protocol wants it."""
    return RobustTeaching(start)
