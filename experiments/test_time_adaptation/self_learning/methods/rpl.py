"""RPL: robust pseudo-labels, (1 - p(y)^q) / q with the student of the same step as its teacher.

Rusak et al. 2022, section 2; q = 0.8 throughout the paper (appendix, table 21).
"""

from __future__ import annotations

from functools import partial

from pydantic import Field
from torch import nn

from common.strict import StrictModel
from experiments.test_time_adaptation.descending import Descending
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.self_learning.losses import robust_pseudo_label
from experiments.test_time_adaptation.self_learning.self_training import SelfTraining
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "test_batch"
ONLINE = MethodFacts(statistics="test_batch", adapted="affine")


class Options(StrictModel):
    """`q`: exponent of the generalised cross-entropy; 0.8 throughout the paper."""

    q: float = Field(default=0.8, gt=0, le=1)


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> SelfTraining:
    """The method as the offline protocol wants it."""
    return SelfTraining(
        network, partial(robust_pseudo_label, q=settings.q), "instant", settings, learning_rate
    )


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it; the teacher is the student of the same step."""
    q = start.options.q
    return Descending(start, ONLINE.adapted, lambda logits: robust_pseudo_label(logits, logits.detach(), q))
