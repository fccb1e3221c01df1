"""Hard pseudo-labels: cross-entropy to the arg-max (Lee 2013) of a teacher that is renewed once per epoch.

Rusak et al. 2022, section 2.
"""

from __future__ import annotations

from torch import nn

from common.strict import StrictModel
from experiments.test_time_adaptation.descending import Descending
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.self_learning.losses import hard_pseudo_label
from experiments.test_time_adaptation.self_learning.self_training import SelfTraining
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "test_batch"
ONLINE = MethodFacts(statistics="test_batch", adapted="affine")


class Options(StrictModel):
    """Nothing to set besides the optimiser."""


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> SelfTraining:
    """The method as the offline protocol wants it."""
    return SelfTraining(network, hard_pseudo_label, "epoch", settings, learning_rate)


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it; the teacher is the student of the same step."""
    return Descending(start, ONLINE.adapted, lambda logits: hard_pseudo_label(logits, logits.detach()))
