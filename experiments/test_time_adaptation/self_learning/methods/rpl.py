"""RPL: robust pseudo-labels, (1 - p(y)^q) / q with the student of the same step as its teacher.

Rusak et al. 2022, section 2; q = 0.8 throughout the paper (appendix, table 21).
"""

from __future__ import annotations

from functools import partial

from torch import nn

from experiments.test_time_adaptation.self_learning.losses import robust_pseudo_label
from experiments.test_time_adaptation.self_learning.self_training import SelfTraining
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "test_batch"


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> SelfTraining:
    """The method as the protocol wants it."""
    return SelfTraining(
        network, partial(robust_pseudo_label, q=settings.q), "instant", settings, learning_rate
    )
