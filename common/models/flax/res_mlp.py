"""ResMLP in Flax NNX: timm's `MlpMixer` of `ResBlock`s, module for module.

Modules are named as in timm, so that weights pass between the two by name (`transfer.py`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx

from common.models.flax.vision_transformer import PatchEmbedding, Perceptron


class Affine(nnx.Module):
    """A scale and a shift of each channel: Touvron et al. 2021, arXiv 2105.03404, equation 1."""

    def __init__(self, width: int) -> None:
        self.alpha = nnx.Param(jnp.ones((1, 1, width)))
        self.beta = nnx.Param(jnp.zeros((1, 1, width)))

    def __call__(self, tokens: jax.Array) -> jax.Array:
        """`[batch, tokens, width]` to the same."""
        out: jax.Array = self.alpha[...] * tokens + self.beta[...]
        return out


class ResBlock(nnx.Module):
    """A linear map over patches, then a perceptron over channels (equations 2 and 3)."""

    def __init__(self, width: int, hidden: int, tokens: int, scale: float, rngs: nnx.Rngs) -> None:
        self.norm1 = Affine(width)
        self.linear_tokens = nnx.Linear(tokens, tokens, rngs=rngs)
        self.norm2 = Affine(width)
        self.mlp_channels = Perceptron(width, hidden, rngs)
        self.ls1 = nnx.Param(jnp.full(width, scale))
        self.ls2 = nnx.Param(jnp.full(width, scale))

    def __call__(self, tokens: jax.Array) -> jax.Array:
        """`[batch, tokens, width]` to the same."""
        mixed = self.linear_tokens(self.norm1(tokens).swapaxes(1, 2)).swapaxes(1, 2)
        tokens = tokens + self.ls1[...] * mixed
        return tokens + self.ls2[...] * self.mlp_channels(self.norm2(tokens))


class ResMLP(nnx.Module):
    """Touvron et al. 2021, figure 1: patches, blocks, the mean over patches, a linear classifier."""

    def __init__(  # noqa: PLR0913 - the columns of a table of sizes, by name
        self, side: int, channels: int, classes: int, rngs: nnx.Rngs, *,
        patch: int, width: int, depth: int, expansion: float = 4.0, scale: float = 1e-4,
    ) -> None:  # fmt: skip
        if side % patch:
            raise ValueError(f"{side} pixels can't be cut into patches of {patch}.")
        tokens, hidden = (side // patch) ** 2, int(width * expansion)
        self.stem = PatchEmbedding(patch, channels, width, rngs)
        self.blocks = nnx.List([ResBlock(width, hidden, tokens, scale, rngs) for _ in range(depth)])
        self.norm = Affine(width)
        self.head = nnx.Linear(width, classes, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Logits `[batch, classes]` of images `[batch, h, w, channels]`."""
        tokens = self.stem(images)
        for block in self.blocks:
            tokens = block(tokens)
        logits: jax.Array = self.head(self.norm(tokens).mean(axis=1))
        return logits
