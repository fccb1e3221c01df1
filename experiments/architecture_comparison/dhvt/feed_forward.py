"""DAFF, the dynamic aggregation feed-forward, and the usual one that it replaces."""

from __future__ import annotations

import torch
from torch import Tensor, nn

SQUEEZE = 4  # the class token's bottleneck is a quarter of the width


class AggregatingFeedForward(nn.Module):
    """DAFF: a feed-forward whose hidden maps see their neighbours, and a class token scaled by it.

    Patch tokens, as a map: 1x1 convolution, BN, GELU; h + GELU(BN(depth-wise 3x3 of h)); 1x1 convolution, BN.
    Class token: x * FC2(GELU(FC1(mean of the patch tokens that come out))), without a sigmoid.
    """

    def __init__(self, width: int, expansion: int) -> None:
        super().__init__()
        hidden = width * expansion
        self.expand = nn.Sequential(nn.Conv2d(width, hidden, 1), nn.BatchNorm2d(hidden), nn.GELU())
        neighbours = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.neighbours = nn.Sequential(neighbours, nn.BatchNorm2d(hidden), nn.GELU())
        self.contract = nn.Sequential(nn.Conv2d(hidden, width, 1), nn.BatchNorm2d(width))
        narrow = width // SQUEEZE
        self.excite = nn.Sequential(nn.Linear(width, narrow), nn.GELU(), nn.Linear(narrow, width))

    def forward(self, tokens: Tensor) -> Tensor:
        """Of tokens `[batch, 1 + side * side, width]`, the class token first."""
        token, patches = tokens[:, :1], tokens[:, 1:]
        batch, count, width = patches.shape
        side = round(count**0.5)
        # The transposed view of tokens is a map in the channels-last layout, the fast one.
        hidden = self.expand(patches.transpose(1, 2).view(batch, width, side, side))
        maps = self.contract(hidden + self.neighbours(hidden))
        patches = maps.flatten(2).transpose(1, 2)
        return torch.cat([token * self.excite(patches.mean(dim=1, keepdim=True)), patches], dim=1)


def plain_feed_forward(width: int, expansion: int) -> nn.Module:
    """Two linear layers with a GELU between them, on every token alike."""
    return nn.Sequential(nn.Linear(width, width * expansion), nn.GELU(), nn.Linear(width * expansion, width))
