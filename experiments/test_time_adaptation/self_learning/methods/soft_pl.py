"""Soft pseudo-labels: cross-entropy to the teacher's distribution; the teacher is renewed once per epoch.

Rusak et al. 2022, section 2. At equal temperatures the gradient vanishes where teacher and student
agree, which is where they start: but for rounding this is batch-norm adaptation, as table 7 finds
(60.1 with, 60.2 without). Online there is one epoch, so that the teacher stays the source network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from common.strict import StrictModel
from experiments.test_time_adaptation.descending import Descending
from experiments.test_time_adaptation.normalisation import check_batch
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.self_learning.losses import soft_pseudo_label
from experiments.test_time_adaptation.self_learning.self_training import SelfTraining
from experiments.test_time_adaptation.settings import MethodSettings
from experiments.test_time_adaptation.teachers import teacher_of

STATISTICS = "test_batch"
ONLINE = MethodFacts(statistics="test_batch", adapted="affine")


class Options(StrictModel):
    """Nothing to set besides the optimiser."""


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> SelfTraining:
    """The method as the protocol wants it."""
    return SelfTraining(network, soft_pseudo_label, "epoch", settings, learning_rate)


class SoftPseudoLabels(Descending):
    """Descends towards what the source network says of the same batch, with the batch's statistics."""

    def __init__(self, start: Start) -> None:
        super().__init__(start, ONLINE.adapted, self._loss)
        self.teacher = teacher_of(start.network)
        self.taught: Tensor

    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` from before the update."""
        check_batch(images)
        with torch.no_grad():
            self.taught = self.teacher(images)
        return super().step(images)

    def _loss(self, logits: Tensor) -> Tensor:
        return soft_pseudo_label(logits, self.taught)


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it."""
    return SoftPseudoLabels(start)
