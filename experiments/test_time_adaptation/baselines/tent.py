"""TENT: minimise the entropy of the predictions over the scale and shift of batch normalisation.

Wang, Shelhamer, Liu, Olshausen, Darrell: Tent: Fully Test-Time Adaptation by Entropy Minimization, ICLR 2021,
arXiv 2006.10726. One step on each batch, whose own statistics normalise it.
"""

from __future__ import annotations

from common.strict import StrictModel
from experiments.test_time_adaptation.descending import Descending
from experiments.test_time_adaptation.entropy import entropy
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="test_batch", adapted="affine")


class Options(StrictModel):
    """Nothing to set besides the optimiser."""


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it."""
    return Descending(start, ONLINE.adapted, lambda logits: entropy(logits).mean())
