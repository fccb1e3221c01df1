"""Soft pseudo-labels: cross-entropy to the teacher's distribution; the teacher is renewed once per epoch.

Rusak et al. 2022, section 2. At equal temperatures the gradient vanishes where teacher and student
agree, which is where they start: but for rounding this is batch-norm adaptation, as table 7 finds
(60.1 with, 60.2 without).
"""

from __future__ import annotations

from torch import nn

from experiments.test_time_adaptation.self_learning.losses import soft_pseudo_label
from experiments.test_time_adaptation.self_learning.self_training import SelfTraining
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "test_batch"


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> SelfTraining:
    """The method as the protocol wants it."""
    return SelfTraining(network, soft_pseudo_label, "epoch", settings, learning_rate)
