"""The vision transformer in Flax NNX: timm's `VisionTransformer`, module for module.

Modules are named as in timm, so that weights pass between the two by name (`transfer.py`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx

EPSILON = 1e-6  # timm's, of every normalisation


class PatchEmbedding(nnx.Module):
    """A linear map of each patch: Dosovitskiy et al. 2021, arXiv 2010.11929, equation 1."""

    def __init__(self, patch: int, channels: int, width: int, rngs: nnx.Rngs) -> None:
        self.proj = nnx.Conv(channels, width, (patch, patch), strides=patch, padding="VALID", rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Tokens `[batch, patches, width]` of images `[batch, h, w, channels]`, row by row."""
        maps = self.proj(images)
        tokens: jax.Array = maps.reshape(len(maps), -1, maps.shape[-1])
        return tokens


class Attention(nnx.Module):
    """Multi-head self-attention: Vaswani et al. 2017, arXiv 1706.03762, section 3.2."""

    def __init__(self, width: int, heads: int, rngs: nnx.Rngs) -> None:
        self.heads = heads
        self.qkv = nnx.Linear(width, 3 * width, rngs=rngs)
        self.proj = nnx.Linear(width, width, rngs=rngs)

    def __call__(self, tokens: jax.Array) -> jax.Array:
        """`[batch, tokens, width]` to the same."""
        batch, count, width = tokens.shape
        parts = self.qkv(tokens).reshape(batch, count, 3, self.heads, width // self.heads)
        query, key, value = jnp.moveaxis(parts, 2, 0)
        mixed = jax.nn.dot_product_attention(query, key, value)
        out: jax.Array = self.proj(mixed.reshape(batch, count, width))
        return out


class Perceptron(nnx.Module):
    """Two linear maps with the exact GELU between."""

    def __init__(self, width: int, hidden: int, rngs: nnx.Rngs) -> None:
        self.fc1 = nnx.Linear(width, hidden, rngs=rngs)
        self.fc2 = nnx.Linear(hidden, width, rngs=rngs)

    def __call__(self, tokens: jax.Array) -> jax.Array:
        """`[batch, tokens, width]` to the same."""
        out: jax.Array = self.fc2(nnx.gelu(self.fc1(tokens), approximate=False))
        return out


class Block(nnx.Module):
    """Attention, then a perceptron, each on normalised tokens and beside a shortcut (equations 2 and 3)."""

    def __init__(self, width: int, heads: int, hidden: int, rngs: nnx.Rngs) -> None:
        self.norm1 = nnx.LayerNorm(width, epsilon=EPSILON, rngs=rngs)
        self.attn = Attention(width, heads, rngs)
        self.norm2 = nnx.LayerNorm(width, epsilon=EPSILON, rngs=rngs)
        self.mlp = Perceptron(width, hidden, rngs)

    def __call__(self, tokens: jax.Array) -> jax.Array:
        """`[batch, tokens, width]` to the same."""
        tokens = tokens + self.attn(self.norm1(tokens))
        return tokens + self.mlp(self.norm2(tokens))


class VisionTransformer(nnx.Module):
    """Dosovitskiy et al. 2021, table 1's columns, with a class token that is classified (equation 4).

    Raises ValueError where patches don't fill the image, or heads don't divide the width.
    """

    def __init__(  # noqa: PLR0913 - the columns of a table of sizes, by name
        self, side: int, channels: int, classes: int, rngs: nnx.Rngs, *,
        patch: int, width: int, depth: int, heads: int, expansion: float = 4.0,
    ) -> None:  # fmt: skip
        if side % patch or width % heads:
            raise ValueError(f"{side} pixels aren't patches of {patch}, or {width} not {heads} heads.")
        tokens = (side // patch) ** 2 + 1
        self.patch_embed = PatchEmbedding(patch, channels, width, rngs)
        self.cls_token = nnx.Param(0.02 * rngs.params.normal((1, 1, width)))
        self.pos_embed = nnx.Param(0.02 * rngs.params.normal((1, tokens, width)))
        self.blocks = nnx.List([Block(width, heads, int(width * expansion), rngs) for _ in range(depth)])
        self.norm = nnx.LayerNorm(width, epsilon=EPSILON, rngs=rngs)
        self.head = nnx.Linear(width, classes, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Logits `[batch, classes]` of images `[batch, h, w, channels]`."""
        tokens = self.patch_embed(images)
        first = jnp.broadcast_to(self.cls_token[...], (len(tokens), 1, tokens.shape[-1]))
        tokens = jnp.concatenate([first, tokens], axis=1) + self.pos_embed[...]
        for block in self.blocks:
            tokens = block(tokens)
        logits: jax.Array = self.head(self.norm(tokens)[:, 0])
        return logits
