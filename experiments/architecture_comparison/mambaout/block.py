"""The gated block: Mamba's block, in which any token mixer can stand."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EXPANSION = 8 / 3


class GatedBlock(nn.Module):
    """X' = Norm(X), Y = (TokenMixer(X' W1) * GELU(X' W2)) W3 + X, on maps `[batch, h, w, width]`.

    Only as many channels as the block is wide pass the mixer (partial convolution); the rest of the hidden
    ones go on as they are. With a depth-wise 7x7 as the mixer it is timm's block of MambaOut.
    """

    def __init__(self, width: int, mixer: nn.Module) -> None:
        super().__init__()
        hidden = int(EXPANSION * width)
        self.parts = (hidden, hidden - width, width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.expand = nn.Linear(width, 2 * hidden)
        self.mixer = mixer
        self.contract = nn.Linear(hidden, width)

    def forward(self, maps: Tensor) -> Tensor:
        """Of maps `[batch, h, w, width]`."""
        gate, kept, asked = self.expand(self.norm(maps)).split(self.parts, dim=-1)
        mixed = torch.cat([kept, self.mixer(asked)], dim=-1)
        changed: Tensor = maps + self.contract(F.gelu(gate) * mixed)
        return changed
