"""The encoder that PBN, its baseline and TabularNCD share, for several trials at once.

Troisemaine et al. 2024: d -> floor(3d/4) -> floor(d/2) -> latent, between linear layers ReLU, batch
normalisation and dropout; latents are divided by their L2 norm. The decoder mirrors it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from experiments.novel_class_discovery.arrays import Rows
from experiments.novel_class_discovery.tabular_ncd.grouped_layers import grouped_mlp
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters


def encoder(features: int, trials: Sequence[Hyperparameters], seed: int) -> nn.Sequential:
    """An encoder for each trial: `[batch, features]` to raw latents `[trials, batch, latent]`."""
    return grouped_mlp(_widths(features, trials), _rates(trials), seed, "encoder")


def decoder(features: int, trials: Sequence[Hyperparameters], seed: int) -> nn.Sequential:
    """Its mirror image: latents to rows `[trials, batch, features]`."""
    return grouped_mlp(_widths(features, trials)[::-1], _rates(trials), seed, "decoder")


def latent_sizes(trials: Sequence[Hyperparameters]) -> list[int]:
    """The latent size of each trial."""
    return [int(trial["latent_size"]) for trial in trials]


def unit_length(latents: Tensor) -> Tensor:
    """Latents divided by their L2 norm."""
    return F.normalize(latents, dim=-1)


@torch.no_grad()
def encoded(network: nn.Module, rows: Rows) -> Tensor:
    """Raw latents `[trials, n, latent]` of all rows, in evaluation mode."""
    network.eval()
    found: Tensor = network(torch.as_tensor(rows))
    return found


def _widths(features: int, trials: Sequence[Hyperparameters]) -> list[list[int]]:
    hidden = (features, max(1, 3 * features // 4), max(1, features // 2))
    return [*([width] * len(trials) for width in hidden), latent_sizes(trials)]


def _rates(trials: Sequence[Hyperparameters]) -> list[float]:
    return [trial["dropout"] for trial in trials]
