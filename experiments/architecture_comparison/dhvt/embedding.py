"""SOPE, the sequential overlapping patch embedding, and the usual one that it replaces."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from common.strict import BadInputError


class ChannelAffine(nn.Module):
    """Aff(x) = alpha * x + beta for each channel, at the start alpha = 1 and beta = 0."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Of maps `[batch, channels, h, w]`."""
        return self.alpha * x + self.beta


def overlapping_embedding(channels: int, patch: int, width: int) -> nn.Sequential:
    """SOPE: Aff, then k times [3x3 convolution of stride 2, BN, GELU], then Aff; patches of 2^k pixels.

    Widths double up to `width`. After the last convolution there is no GELU, but for patches of 2, as in the
    released code. Raises BadInputError where `patch` is no power of two.
    """
    steps = round(math.log2(patch)) if patch > 0 else 0
    if steps < 1 or 2**steps != patch:
        raise BadInputError(
            f"SOPE halves the image again and again: 'patch' must be a power of two, not {patch}."
        )
    widths = [channels, *(width // 2 ** (steps - step) for step in range(1, steps + 1))]
    layers: list[nn.Module] = [ChannelAffine(channels)]
    for step in range(steps):
        layers += [
            nn.Conv2d(widths[step], widths[step + 1], 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(widths[step + 1]),
        ]
        if step < steps - 1 or steps == 1:
            layers.append(nn.GELU())
    return nn.Sequential(*layers, ChannelAffine(width))


def patch_embedding(channels: int, patch: int, width: int) -> nn.Module:
    """One linear map of each patch (Dosovitskiy et al. 2021), as a convolution."""
    return nn.Conv2d(channels, width, patch, stride=patch)
