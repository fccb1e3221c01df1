"""What both transformers share: patches, positions, blocks on maps, and a mean over all tokens."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.polyphase_anchoring.anchoring import DepthwisePosition, anchored
from experiments.architecture_comparison.polyphase_anchoring.attention import Block
from experiments.architecture_comparison.shapes import ImageShape


class PatchSettings(StrictModel):
    """Attributes of both.

    Attributes:
        anchored: put every strided or windowed step at its polyphase anchor.
        position: `depthwise` keeps shifts; `absolute` embeddings don't.
    """

    patch: int
    width: int
    depth: int
    heads: int
    anchored: bool
    position: Literal["none", "absolute", "depthwise"]


class PooledTransformer(nn.Module):
    """Patch embedding, position encoding, blocks, LayerNorm, mean over tokens, a linear classifier."""

    def __init__(self, settings: PatchSettings, shape: ImageShape, blocks: list[Block]) -> None:
        super().__init__()
        side, width = shape.patches(settings.patch), settings.width
        self.anchored, self.patch = settings.anchored, settings.patch
        self.embedding = nn.Conv2d(shape.channels, width, settings.patch, stride=settings.patch)
        absolute = settings.position == "absolute"
        self.position = nn.Parameter(torch.zeros(1, width, side, side)) if absolute else None
        if self.position is not None:
            nn.init.trunc_normal_(self.position, std=0.02)
        self.encoding = DepthwisePosition(width) if settings.position == "depthwise" else nn.Identity()
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.classifier = nn.Linear(width, shape.classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, side, side]`."""
        maps = self.embedding(anchored(images, self.patch) if self.anchored else images)
        if self.position is not None:
            maps = maps + self.position
        maps = self.blocks(self.encoding(maps))
        logits: Tensor = self.classifier(self.norm(maps.flatten(2).transpose(1, 2)).mean(dim=1))
        return logits


def check_divides(part: int, whole: int, name: str, of: str) -> None:
    """Raise BadInputError where `part`, the setting `name`, doesn't divide the whole."""
    if whole % part:
        raise BadInputError(f"{of} of {whole} can't be split by '{name}' {part}; change one of the two.")
