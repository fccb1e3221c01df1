"""Small networks, batches and settings for the tests of adaptation."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from experiments.test_time_adaptation.settings import MethodSettings


class SmallNetwork(nn.Module):
    """Convolution, normalisation, dropout, and a linear classifier of three classes; counts its calls."""

    def __init__(self, normalisation: nn.Module | None = None) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4) if normalisation is None else normalisation
        self.dropout = nn.Dropout(0.5)
        self.classifier = nn.Linear(4, 3)

    def forward(self, images: Tensor) -> Tensor:
        active = torch.relu(self.norm(self.convolution(images)))
        logits: Tensor = self.classifier(self.dropout(active).mean(dim=(2, 3)))
        return logits


def small_network(normalisation: nn.Module | None = None, seed: int = 0) -> SmallNetwork:
    """Its batch normalisation holds statistics and an affine map that are neither 0 nor 1."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = SmallNetwork(normalisation)
        if isinstance(network.norm, nn.BatchNorm2d) and network.norm.affine:
            nn.init.normal_(network.norm.weight, 1.0, 0.3)
            nn.init.normal_(network.norm.bias, 0.0, 0.3)
            network.norm.running_mean.normal_()  # type: ignore[union-attr]
            network.norm.running_var.uniform_(0.5, 2.0)  # type: ignore[union-attr]
    return network.eval()


def batch(seed: int = 0, count: int = 6) -> Tensor:
    return torch.randn(count, 3, 5, 5, generator=torch.Generator().manual_seed(seed))


def settings(**changes: Any) -> MethodSettings:
    return MethodSettings(**{"epochs": 2, **changes})


def state(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def differing(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    return {name for name in after if not torch.equal(before[name], after[name])}
