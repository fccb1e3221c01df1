"""Layers that hold several networks of one shape side by side: all trials of a search are trained at once.

Networks this small leave a processor waiting for the next call rather than computing, so that ten of them
take little longer than one. Each has its own weights, dropout rate and latent size. Smaller latents are
padded with zeros, which no length, distance or gradient sees. All chance is the same for each network (the
initial weights of a size, and what dropout draws), so that none hangs on those beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.seeding import generator


class GroupedLinear(nn.Module):
    """A linear layer of each network: `[groups, batch, inputs]` or `[batch, inputs]` in.

    Initialised as torch does, uniformly in ±1 / sqrt(inputs), with each network's own number of inputs;
    outputs past a network's own stay 0.
    """

    def __init__(self, inputs: Sequence[int], outputs: Sequence[int], seed: int, name: str) -> None:
        super().__init__()
        groups, most_in, most_out = len(inputs), max(inputs), max(outputs)
        weight, bias = torch.zeros(groups, most_in, most_out), torch.zeros(groups, 1, most_out)
        for group, (own_in, own_out) in enumerate(zip(inputs, outputs, strict=True)):
            chance = generator(seed, f"initialisation {name}")
            for parameter, size in ((weight, own_in), (bias, 1)):
                drawn = torch.rand((size, own_out), generator=chance) * 2 - 1
                parameter[group, :size, :own_out] = drawn / own_in**0.5
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)
        used = torch.arange(most_out) < torch.tensor(outputs)[:, None, None]
        self._used = used.float()
        self._pads = not bool(used.all())

    def forward(self, rows: Tensor) -> Tensor:
        """`[groups, batch, outputs]`."""
        found = torch.matmul(rows, self.weight) + self.bias
        return found * self._used if self._pads else found


class GroupedBatchNorm(nn.Module):
    """Batch normalisation of each network by itself: Ioffe and Szegedy 2015, with torch's constants."""

    def __init__(self, groups: int, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(groups * width))
        self.shift = nn.Parameter(torch.zeros(groups * width))
        self.mean = torch.zeros(groups * width)
        self.variance = torch.ones(groups * width)

    def forward(self, rows: Tensor) -> Tensor:
        """Of `[groups, batch, width]`."""
        groups, batch, width = rows.shape
        flat = rows.transpose(0, 1).reshape(batch, groups * width)
        found = F.batch_norm(flat, self.mean, self.variance, self.scale, self.shift, self.training)
        return found.view(batch, groups, width).transpose(0, 1)


class GroupedDropout(nn.Module):
    """Dropout with a rate of each network's own, from numbers that all share."""

    def __init__(self, rates: Sequence[float], seed: int, name: str) -> None:
        super().__init__()
        self.kept = 1 - torch.tensor(rates, dtype=torch.float32)[:, None, None]
        self._generator = generator(seed, f"dropout {name}")

    def forward(self, rows: Tensor) -> Tensor:
        """Of `[groups, batch, width]`."""
        if not self.training:
            return rows
        drawn = torch.rand(rows.shape[1:], generator=self._generator)
        return rows * (drawn < self.kept) / self.kept


def grouped_mlp(
    widths: Sequence[Sequence[int]], rates: Sequence[float], seed: int, name: str
) -> nn.Sequential:
    """Linear layers between `widths`, each one width per network; between them ReLU, batch norm, dropout."""
    layers: list[nn.Module] = []
    for place, (inputs, outputs) in enumerate(pairwise(widths)):
        own = f"{name} {place}"
        if place:
            batch_norm = GroupedBatchNorm(len(inputs), max(inputs))
            layers += [nn.ReLU(), batch_norm, GroupedDropout(rates, seed, own)]
        layers.append(GroupedLinear(inputs, outputs, seed, own))
    return nn.Sequential(*layers)
