"""Adaptive polyphase anchoring, and a position encoding that keeps shifts.

Peijian Ding, Davit Soselia, Thomas Armstrong, Jiahao Su, Furong Huang: Reviving Shift Equivariance in Vision
Transformers, arXiv 2306.07470.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def polyphase_energies(maps: Tensor, stride: int) -> Tensor:
    """Squared L2 norms `[batch, stride, stride]`, float64, of the components of `[batch, channels, h, w]`.

    Component (i, j) has the rows i, i + stride, … and the columns j, j + stride, …
    """
    batch, _, height, width = maps.shape
    # A shift changes the order of the sum, and in float32 its last digits, too, which would then decide.
    energy = maps.double().square().sum(dim=1)
    split = energy.view(batch, height // stride, stride, width // stride, stride)
    return split.sum(dim=(1, 3))


def anchored(maps: Tensor, stride: int, strength: Tensor | None = None) -> Tensor:
    """Maps `[batch, channels, h, w]`, each shifted circularly so that its strongest component comes first.

    A shifted map comes out the same but for a shift by a multiple of the stride, which a layer of that stride
    turns into a shift of its output. Of equally strong components the first is taken, so ties break this.
    What is strongest is seen in `strength`, a map of its size: after a LayerNorm all tokens have one norm,
    and rounding would choose among them.
    """
    batch, _, height, width = maps.shape
    strongest = polyphase_energies(maps if strength is None else strength, stride).flatten(1).argmax(dim=1)
    top, left = strongest // stride, strongest % stride
    rows = (torch.arange(height, device=maps.device) + top[:, None]) % height
    columns = (torch.arange(width, device=maps.device) + left[:, None]) % width
    images = torch.arange(batch, device=maps.device)[:, None, None]
    # Indexed axes come first: [batch, h, w, channels].
    return maps.permute(0, 2, 3, 1)[images, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


class DepthwisePosition(nn.Module):
    """x + a depth-wise 3x3 convolution of it with circular padding: a position encoding that keeps shifts."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(width, width, 3, padding=1, groups=width, padding_mode="circular")

    def forward(self, maps: Tensor) -> Tensor:
        """Of maps `[batch, width, h, w]`."""
        encoded: Tensor = maps + self.convolution(maps)
        return encoded
