"""Token mixers that can take each other's place in one block; each keeps `[batch, h, w, channels]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from experiments.architecture_comparison.mambaout.selective_state_space import SelectiveStateSpace
from experiments.architecture_comparison.mambaout.state_space import DiagonalStateSpace

MixerName = Literal[
    "depthwise_7",
    "depthwise_3",
    "causal_convolution",
    "state_space",
    "selective_state_space",
    "identity",
    "attention",
    "causal_attention",
]
CAUSAL_KERNEL = 4  # Mamba's
STATES = 8  # of S4D: complex, of each channel
SELECTIVE_STATES = 16  # of the selective state space: Mamba's, of each head
HEAD_WIDTH = 8  # of attention and of the selective state space


class DepthwiseConvolution(nn.Module):
    """A depth-wise convolution over the map: MambaOut's is 7x7."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Of maps `[batch, h, w, channels]`."""
        mixed: Tensor = self.convolution(maps.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return mixed


class CausalConvolution(nn.Module):
    """A depth-wise convolution over the sequence of rows: each token and the three before it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(channels, channels, CAUSAL_KERNEL, groups=channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Of maps `[batch, h, w, channels]`."""
        tokens = F.pad(maps.flatten(1, 2).transpose(1, 2), (CAUSAL_KERNEL - 1, 0))
        mixed: Tensor = self.convolution(tokens).transpose(1, 2)
        return mixed.reshape(maps.shape)


class StateSpace(nn.Module):
    """Mamba's mixer, SSM(SiLU(causal convolution)); `selective`: with Mamba's own SSM, else with S4D."""

    def __init__(self, channels: int, selective: bool) -> None:
        super().__init__()
        self.convolution = CausalConvolution(channels)
        self.state_space = (
            SelectiveStateSpace(channels, SELECTIVE_STATES, HEAD_WIDTH)
            if selective
            else DiagonalStateSpace(channels, STATES)
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Of maps `[batch, h, w, channels]`."""
        tokens = F.silu(self.convolution(maps)).flatten(1, 2)
        mixed: Tensor = self.state_space(tokens)
        return mixed.reshape(maps.shape)


class Attention(nn.Module):
    """Multi-head self-attention over all tokens or, causal, over those before and the token itself."""

    def __init__(self, channels: int, causal: bool) -> None:
        super().__init__()
        self.heads = max(channels // HEAD_WIDTH, 1)
        self.queries_keys_values = nn.Linear(channels, 3 * channels)
        self.mix = nn.Linear(channels, channels)
        self.causal = causal

    def forward(self, maps: Tensor) -> Tensor:
        """Of maps `[batch, h, w, channels]`."""
        tokens = maps.flatten(1, 2)
        batch, count, width = tokens.shape
        parts = self.queries_keys_values(tokens).view(batch, count, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(queries, keys, values, is_causal=self.causal)
        mixed: Tensor = self.mix(attended.transpose(1, 2).reshape(maps.shape))
        return mixed


MIXERS: dict[str, Callable[[int], nn.Module]] = {
    "depthwise_7": lambda channels: DepthwiseConvolution(channels, 7),
    "depthwise_3": lambda channels: DepthwiseConvolution(channels, 3),
    "causal_convolution": CausalConvolution,
    "state_space": lambda channels: StateSpace(channels, selective=False),
    "selective_state_space": lambda channels: StateSpace(channels, selective=True),
    "identity": lambda channels: nn.Identity(),
    "attention": lambda channels: Attention(channels, causal=False),
    "causal_attention": lambda channels: Attention(channels, causal=True),
}
