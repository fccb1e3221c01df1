"""Batch-norm adaptation: statistics of each test batch, no gradient.

Schneider, Rusak, Eck, Bringmann, Brendel, Bethge: Improving robustness against common corruptions by
covariate shift adaptation, NeurIPS 2020, arXiv 2006.16971; Nado et al. 2020, arXiv 2006.10963 (N = 0: no
weight on the source statistics).
"""

from __future__ import annotations

from torch import Tensor, nn

from common.strict import StrictModel
from experiments.test_time_adaptation.baselines.source import Predicting, Source
from experiments.test_time_adaptation.normalisation import (
    check_batch,
    check_batch_normalisation,
    use_batch_statistics,
)
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "test_batch"
ONLINE = MethodFacts(statistics="test_batch", adapted="nothing")


class Options(StrictModel):
    """Nothing to set."""


class BatchNormAdaptation(Source):
    """The source network, normalising with the statistics of whatever batch it is shown."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__(network)
        use_batch_statistics(network)


class AtLeastTwo(Predicting):
    """Predicts a batch of two images or more."""

    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]`; raises BadInputError for a batch of one."""
        check_batch(images)
        return super().step(images)


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> BatchNormAdaptation:
    """The method as the offline protocol wants it."""
    return BatchNormAdaptation(network)


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it."""
    check_batch_normalisation(start.network)
    use_batch_statistics(start.network)
    return AtLeastTwo(start.network)
