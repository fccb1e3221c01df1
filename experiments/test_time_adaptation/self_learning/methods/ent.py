"""ENT: entropy minimisation, -sum p log p, as in TENT (Wang et al. 2021) but over several passes.

Rusak et al. 2022, section 2. Teacher and student are one, and the gradient flows through both factors.
"""

from __future__ import annotations

from torch import nn

from experiments.test_time_adaptation.self_learning.losses import entropy
from experiments.test_time_adaptation.self_learning.self_training import SelfTraining
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "test_batch"


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> SelfTraining:
    """The method as the protocol wants it."""
    return SelfTraining(network, entropy, "same", settings, learning_rate)
