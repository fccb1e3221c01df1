"""No adaptation: the source network with its own statistics. The control that every method must beat."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from common.strict import StrictModel
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.settings import MethodSettings

STATISTICS = "source"
ONLINE = MethodFacts(statistics="source", adapted="nothing")


class Options(StrictModel):
    """Nothing to set."""


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
    """The method as the offline protocol wants it."""
    return Source(network)


class Predicting:
    """A network that predicts, and learns nothing."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    @torch.no_grad()
    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]`."""
        logits: Tensor = self.network(images)
        return logits


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it."""
    return Predicting(start.network)
