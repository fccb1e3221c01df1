"""HI-MHSA, attention with tokens that its heads share, and plain multi-head attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class HeadInteractedAttention(nn.Module):
    """Multi-head self-attention, with `interacting` head tokens (HI-MHSA).

    A head token for each of h heads: the mean of its slice of all tokens, [batch, h, d] -> linear d -> D ->
    LayerNorm over each of the h slices of d -> GELU, plus a learned embedding of the head. They join the
    sequence; afterwards their mean is added to the class token, and they are dropped. The LayerNorm is in
    the released code, not in equation 6.
    """

    def __init__(self, width: int, heads: int, interacting: bool) -> None:
        super().__init__()
        self.heads = heads
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.interacting = interacting
        if interacting:
            own = width // heads
            self.project = nn.Linear(own, width)
            self.norm = nn.LayerNorm(own)
            self.head_token = nn.Parameter(nn.init.trunc_normal_(torch.empty(1, heads, width), std=0.02))

    def forward(self, tokens: Tensor) -> Tensor:
        """Of tokens `[batch, n, width]`, the class token first."""
        if not self.interacting:
            return self._attend(tokens)
        count = tokens.shape[1]
        mixed = self._attend(torch.cat([tokens, self.head_tokens(tokens)], dim=1))
        summed = mixed[:, :1] + mixed[:, count:].mean(dim=1, keepdim=True)
        return torch.cat([summed, mixed[:, 1:count]], dim=1)

    def head_tokens(self, tokens: Tensor) -> Tensor:
        """`[batch, heads, width]` of tokens `[batch, n, width]`."""
        batch, _, width = tokens.shape
        slices = tokens.mean(dim=1).view(batch, self.heads, width // self.heads)
        projected = self.project(slices).view(batch, self.heads, self.heads, width // self.heads)
        return F.gelu(self.norm(projected)).view(batch, self.heads, width) + self.head_token

    def _attend(self, tokens: Tensor) -> Tensor:
        batch, count, width = tokens.shape
        parts = self.queries_keys_values(tokens).view(batch, count, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(queries, keys, values)
        mixed: Tensor = self.mix(attended.transpose(1, 2).reshape(batch, count, width))
        return mixed
