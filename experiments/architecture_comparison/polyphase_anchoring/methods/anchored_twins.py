"""Twins' two kinds of attention (Chu et al. 2021), in turns and on one scale, with and without anchoring.

Ding et al., arXiv 2306.07470. Twins is a pyramid of four stages; small images have one stage here.
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
    """Odd blocks attend inside windows, even ones to a sub-sampled map.

    Attributes:
        window: tokens along the side of a window, and the stride of sub-sampling.
    """

    window: int


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError where something doesn't divide its whole."""
    check_divides(settings.heads, settings.width, "heads", "A width")
    check_divides(settings.window, shape.patches(settings.patch), "window", "A map's side")
    kinds = [{"window": settings.window}, {"sample": settings.window}]
    blocks = [
        Block(settings.width, settings.heads, settings.anchored, **kinds[place % 2])
        for place in range(settings.depth)
    ]
    return PooledTransformer(settings, shape, blocks)
