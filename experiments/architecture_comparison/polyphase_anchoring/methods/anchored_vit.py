"""A ViT that classifies the mean of its tokens, with and without polyphase anchoring.

Ding et al., arXiv 2306.07470; stochastic depth is left out, as such small networks have two blocks.
"""

from __future__ import annotations

from torch import nn

from experiments.architecture_comparison.polyphase_anchoring.attention import Block
from experiments.architecture_comparison.polyphase_anchoring.embedded import (
    PatchSettings,
    PooledTransformer,
    check_divides,
)
from experiments.architecture_comparison.shapes import ImageShape


class Settings(PatchSettings):
    """Global attention alone: nothing but the patches has a stride."""


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError where patches or heads don't divide their whole."""
    check_divides(settings.heads, settings.width, "heads", "A width")
    blocks = [Block(settings.width, settings.heads) for _ in range(settings.depth)]
    return PooledTransformer(settings, shape, blocks)
