"""ResNet-12 of few-shot learning: four blocks of three convolutions, 64 to 640 channels."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS = (64, 160, 320, 640)
DROP_RATE = 0.1
ANNEALING = 20 * 2000  # steps until DropBlock is at its full rate
SLOPE = 0.1


class DropBlock(nn.Module):
    """Ghiasi, Lin, Le: DropBlock, 2018, arXiv 1810.12890: whole squares of a feature map are dropped.

    The rate γ of their corners is such that `DROP_RATE` of all units go; it rises linearly over `ANNEALING`
    steps. What is left is scaled up to the same sum.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.steps: Tensor
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        """Drop squares of maps `[batch, channels, h, w]` in training; else the maps as they are."""
        if not self.training:
            return x
        self.steps += 1
        rate = DROP_RATE * min(1.0, int(self.steps) / ANNEALING)
        side = x.shape[-1]
        size = min(self.size, side)
        gamma = rate / size**2 * side**2 / (side - size + 1) ** 2
        corners = torch.rand(*x.shape[:2], side - size + 1, side - size + 1, device=x.device) < gamma
        dropped = F.max_pool2d(F.pad(corners.to(x.dtype), (size - 1,) * 4), size, stride=1)
        kept = 1 - dropped
        return x * kept * (kept.numel() / kept.sum().clamp_min(1))


class ResidualBlock(nn.Module):
    """Three 3x3 convolutions beside a 1x1 convolution, leaky ReLU, 2x2 max-pooling, dropping."""

    def __init__(self, in_channels: int, channels: int, block_size: int | None) -> None:
        super().__init__()
        widths = [in_channels, channels, channels, channels]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, after, 3, padding=1, bias=False) for before, after in pairwise(widths)
        )
        self.normalisations = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(3))
        shortcut = nn.Conv2d(in_channels, channels, 1, bias=False)
        self.shortcut = nn.Sequential(shortcut, nn.BatchNorm2d(channels))
        self.drop: nn.Module = nn.Dropout(DROP_RATE) if block_size is None else DropBlock(block_size)

    def forward(self, x: Tensor) -> Tensor:
        """Map `[batch, in_channels, h, w]` to `[batch, channels, h / 2, w / 2]`."""
        residual = x
        for number, convolution in enumerate(self.convolutions):
            residual = self.normalisations[number](convolution(residual))
            if number < 2:
                residual = F.leaky_relu(residual, SLOPE)
        joined = F.leaky_relu(residual + self.shortcut(x), SLOPE)
        dropped: Tensor = self.drop(F.max_pool2d(joined, 2))
        return dropped


class ResNet12(nn.Module):
    """The network of RFS (Tian et al. 2020, arXiv 2003.11539, official code).

    Dropout in blocks 1 and 2, DropBlock in blocks 3 and 4: `drop_block` is 2 for images of 32 x 32, and 5 for
    those of 84 x 84.
    """

    dimension = WIDTHS[-1]

    def __init__(self, classes: int, channels: int, drop_block: int = 2) -> None:
        super().__init__()
        before = (channels, *WIDTHS)
        sizes = (None, None, drop_block, drop_block)
        self.blocks = nn.Sequential(
            *(ResidualBlock(before[i], WIDTHS[i], sizes[i]) for i in range(len(WIDTHS)))
        )
        self.classifier: nn.Module = nn.Linear(self.dimension, classes)
        self.apply(_initialise)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, h, w]`."""
        logits: Tensor = self.classifier(self.features(x))
        return logits

    def features(self, x: Tensor) -> Tensor:
        """`[batch, 640]` of images `[batch, channels, h, w]`."""
        maps: Tensor = self.blocks(x)
        return maps.mean(dim=(2, 3))


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="leaky_relu")
