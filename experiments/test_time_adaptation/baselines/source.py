"""No adaptation: the source network with its own statistics. The control that every method must beat."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "source"


class Source:
    """The network as it was trained."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network.eval()

    def update(self, images: Tensor) -> None:
        """Ignore the images."""

    def end_epoch(self) -> None:
        """Nothing to do."""

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of the network in evaluation mode."""
        logits: Tensor = self.network(images)
        return logits


def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> Source:
    """The method as the protocol wants it."""
    return Source(network)
