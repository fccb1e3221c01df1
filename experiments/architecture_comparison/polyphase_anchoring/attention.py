"""Self-attention over a whole map, inside its windows, and to a sub-sampled map; blocks made of them."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from experiments.architecture_comparison.polyphase_anchoring.anchoring import anchored


class Attention(nn.Module):
    """Multi-head attention of queries `[batch, n, width]` to a context `[batch, m, width]`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries = nn.Linear(width, width)
        self.keys_values = nn.Linear(width, 2 * width)
        self.mix = nn.Linear(width, width)

    def forward(self, tokens: Tensor, context: Tensor) -> Tensor:
        """`[batch, n, width]`."""
        batch, _, width = tokens.shape
        own = width // self.heads
        queries = self.queries(tokens).view(batch, -1, self.heads, own).transpose(1, 2)
        keys, values = self.keys_values(context).view(batch, -1, 2, self.heads, own).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(queries, keys, values)
        mixed: Tensor = self.mix(attended.transpose(1, 2).reshape(batch, -1, width))
        return mixed


class Block(nn.Module):
    """x + attention(LN x); x + MLP(LN x), on maps `[batch, width, h, w]`.

    Attributes:
        window: attention stays inside windows of so many tokens a side (Twins' locally grouped attention).
        sample: keys and values come from a convolution of this stride (Twins' global sub-sampled attention).
        anchor: put the map, and what is sub-sampled, at their anchors first.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        anchor: bool = False,
        window: int | None = None,
        sample: int | None = None,
    ) -> None:
        super().__init__()
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.anchor, self.window, self.sample = anchor, window, sample
        self.sampling = nn.Conv2d(width, width, sample, stride=sample) if sample else None
        self.sampled_norm = nn.LayerNorm(width, eps=1e-6) if sample else None

    def forward(self, maps: Tensor) -> Tensor:
        """Of maps `[batch, width, h, w]`; those with windows come out at their anchor."""
        if self.window and self.anchor:
            maps = anchored(maps, self.window)
        shape = maps.shape
        tokens = _tokens(maps)
        tokens = tokens + self._attend(self.attention_norm(tokens), maps)
        tokens = tokens + self.mlp(self.mlp_norm(tokens))
        return _maps(tokens, shape)

    def _attend(self, tokens: Tensor, before: Tensor) -> Tensor:
        """Of normalised tokens `[batch, n, width]` and the map that they were before."""
        if self.window:
            grouped = _windows(tokens, before.shape, self.window)
            return _whole(self.attention(grouped, grouped), before.shape, self.window)
        attended: Tensor = self.attention(tokens, self._context(tokens, before))
        return attended

    def _context(self, tokens: Tensor, before: Tensor) -> Tensor:
        if self.sampling is None or self.sampled_norm is None or self.sample is None:
            return tokens
        maps = _maps(tokens, before.shape)
        if self.anchor:
            maps = anchored(maps, self.sample, strength=before)
        sampled: Tensor = self.sampling(maps)
        normed: Tensor = self.sampled_norm(_tokens(sampled))
        return normed


def _tokens(maps: Tensor) -> Tensor:
    return maps.flatten(2).transpose(1, 2)


def _maps(tokens: Tensor, shape: tuple[int, ...]) -> Tensor:
    return tokens.transpose(1, 2).reshape(shape)


def _windows(tokens: Tensor, shape: tuple[int, ...], window: int) -> Tensor:
    """Tokens `[batch, h * w, width]` as `[batch * windows, window * window, width]`."""
    batch, width, high, wide = shape
    split = tokens.view(batch, high // window, window, wide // window, window, width)
    return split.transpose(2, 3).reshape(-1, window * window, width)


def _whole(grouped: Tensor, shape: tuple[int, ...], window: int) -> Tensor:
    """What `_windows` split."""
    batch, width, high, wide = shape
    split = grouped.view(batch, high // window, wide // window, window, window, width)
    return split.transpose(2, 3).reshape(batch, high * wide, width)
