"""Hard pseudo-labels: cross-entropy to the arg-max (Lee 2013) of a teacher that is renewed once per epoch.

Rusak et al. 2022, section 2.
"""

from __future__ import annotations

from torch import nn

from experiments.test_time_adaptation.self_learning.losses import hard_pseudo_label
from experiments.test_time_adaptation.self_learning.self_training import SelfTraining
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "test_batch"


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> SelfTraining:
    """The method as the protocol wants it."""
    return SelfTraining(network, hard_pseudo_label, "epoch", settings, learning_rate)
