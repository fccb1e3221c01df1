"""SHOT-IM: information maximisation, confident predictions that differ from each other; the head is frozen.

Liang, Hu, Feng: Do We Really Need to Access the Source Data? ICML 2020, arXiv 2002.08546, equation 3; online
as in Iwasawa and Matsuo 2021. Loss: mean_i H(p_i) - H(mean_i p_i).
"""

from __future__ import annotations

from torch import Tensor

from common.strict import StrictModel
from experiments.test_time_adaptation.descending import Descending
from experiments.test_time_adaptation.entropy import entropy, entropy_of_mean
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="test_batch", adapted="features")


class Options(StrictModel):
    """Nothing to set besides the optimiser."""


def information_maximisation(logits: Tensor) -> Tensor:
    """Of logits `[batch, classes]`; lowest, -log(classes), for certain and evenly spread predictions."""
    return entropy(logits).mean() - entropy_of_mean(logits)


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it."""
    return Descending(start, ONLINE.adapted, information_maximisation)
