"""Batch-norm adaptation: statistics of each test batch, no gradient.

Schneider, Rusak, Eck, Bringmann, Brendel, Bethge: Improving robustness against common corruptions by
covariate shift adaptation, NeurIPS 2020, arXiv 2006.16971 (with N = 0: no weight on the source
statistics); Nado et al. 2020, arXiv 2006.10963.
"""

from __future__ import annotations

from torch import nn

from experiments.test_time_adaptation.baselines.source import Source
from experiments.test_time_adaptation.normalisation import use_batch_statistics
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "test_batch"


class BatchNormAdaptation(Source):
    """The source network, normalising with the statistics of whatever batch it is shown."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__(network)
        use_batch_statistics(network)


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> BatchNormAdaptation:
    """The method as the protocol wants it."""
    return BatchNormAdaptation(network)
