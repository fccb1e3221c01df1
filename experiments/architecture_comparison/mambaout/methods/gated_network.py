"""Gated blocks on patches or pixels, one token mixer in all of them.

Weihao Yu, Xinchao Wang: MambaOut: Do We Really Need Mamba for Vision?, CVPR 2025, arXiv 2405.07992. The block
is the paper's; that all stages have one width and one resolution is ours, so that nothing but the mixer
differs.
"""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.mambaout.block import GatedBlock
from experiments.architecture_comparison.mambaout.mixers import HEAD_WIDTH, MIXERS, MixerName
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """Square patches, row by row a sequence; a patch of 1 makes every pixel a token.

    Attributes:
        position: learned embeddings of the places; without them, only a mixer can tell them apart.
    """

    patch: int
    width: int
    depth: int = Field(ge=1)
    mixer: MixerName
    position: Literal["none", "absolute"] = "absolute"


class GatedNetwork(nn.Module):
    """Patch embedding, blocks, LayerNorm, the mean of all tokens, and a linear classifier."""

    def __init__(self, settings: Settings, shape: ImageShape) -> None:
        super().__init__()
        side, width = shape.patches(settings.patch), settings.width
        self.embedding = nn.Conv2d(shape.channels, width, settings.patch, stride=settings.patch)
        absolute = settings.position == "absolute"
        self.position = nn.Parameter(torch.zeros(1, side, side, width)) if absolute else None
        mixer = MIXERS[settings.mixer]
        self.blocks = nn.Sequential(*(GatedBlock(width, mixer(width)) for _ in range(settings.depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.classifier = nn.Linear(width, shape.classes)
        self.apply(_initialise)
        if self.position is not None:
            nn.init.trunc_normal_(self.position, std=0.02)

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, side, side]`."""
        maps = self.embedding(images).permute(0, 2, 3, 1)
        if self.position is not None:
            maps = maps + self.position
        logits: Tensor = self.classifier(self.norm(self.blocks(maps)).mean(dim=(1, 2)))
        return logits


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError where patches or heads don't divide their whole."""
    if "attention" in settings.mixer and settings.width % HEAD_WIDTH:
        raise BadInputError(
            f"A width of {settings.width} can't be split into heads of {HEAD_WIDTH}; set 'width' to a "
            f"multiple."
        )
    return GatedNetwork(settings, shape)


def _initialise(module: nn.Module) -> None:
    """Truncated normal weights, as in timm's MambaOut."""
    if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
