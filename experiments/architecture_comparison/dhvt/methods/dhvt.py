"""DHVT and every network of its ablation.

Zhiying Lu, Hongtao Xie, Chuanbin Liu, Yongdong Zhang: Bridging the Gap Between Vision Transformers and
Convolutional Neural Networks on Small Datasets, NeurIPS 2022, arXiv 2210.05958.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.dhvt.attention import HeadInteractedAttention
from experiments.architecture_comparison.dhvt.embedding import overlapping_embedding, patch_embedding
from experiments.architecture_comparison.dhvt.feed_forward import (
    AggregatingFeedForward,
    plain_feed_forward,
)
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """A plain ViT with a class token, and which parts of it are DHVT's.

    Attributes:
        sope, daff, head_tokens: the paper's three parts; without them, what DeiT has.
        position: absolute position embeddings, which the final model does without.
    """

    patch: int
    width: int
    depth: int
    heads: int
    expansion: int = 4
    sope: bool = True
    daff: bool = True
    head_tokens: bool = True
    position: Literal["none", "absolute"] = "none"


class Block(nn.Module):
    """x + HI-MHSA(LN x); x + DAFF(LN x)."""

    def __init__(self, settings: Settings, drop_path: float) -> None:
        super().__init__()
        width = settings.width
        self.attention_norm = nn.LayerNorm(width, eps=1e-6)
        self.attention = HeadInteractedAttention(width, settings.heads, settings.head_tokens)
        self.feed_forward_norm = nn.LayerNorm(width, eps=1e-6)
        feed_forward = AggregatingFeedForward if settings.daff else plain_feed_forward
        self.feed_forward = feed_forward(width, settings.expansion)
        self.drop = _dropped_paths(drop_path)

    def forward(self, tokens: Tensor) -> Tensor:
        """Of tokens `[batch, n, width]`."""
        tokens = tokens + self.drop(self.attention(self.attention_norm(tokens)))
        changed: Tensor = tokens + self.drop(self.feed_forward(self.feed_forward_norm(tokens)))
        return changed


class DHVT(nn.Module):
    """Embedding, class token, blocks, LayerNorm, and a linear classifier of the class token."""

    def __init__(self, settings: Settings, shape: ImageShape) -> None:
        super().__init__()
        count = shape.patches(settings.patch) ** 2
        embedding = overlapping_embedding if settings.sope else patch_embedding
        self.embedding = embedding(shape.channels, settings.patch, settings.width)
        self.class_token = nn.Parameter(torch.zeros(1, 1, settings.width))
        absolute = settings.position == "absolute"
        self.position = nn.Parameter(torch.zeros(1, count + 1, settings.width)) if absolute else None
        rates = [shape.drop_path * place / max(settings.depth - 1, 1) for place in range(settings.depth)]
        self.blocks = nn.Sequential(*(Block(settings, rate) for rate in rates))
        self.norm = nn.LayerNorm(settings.width, eps=1e-6)
        self.classifier = nn.Linear(settings.width, shape.classes)
        self.apply(_initialise)
        for parameter in (self.class_token, self.position):
            if parameter is not None:
                nn.init.trunc_normal_(parameter, std=0.02)

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, side, side]`."""
        patches = self.embedding(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_token.expand(len(patches), -1, -1), patches], dim=1)
        if self.position is not None:
            tokens = tokens + self.position
        logits: Tensor = self.classifier(self.norm(self.blocks(tokens))[:, 0])
        return logits


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError where heads or patches don't divide their whole."""
    if settings.width % settings.heads:
        raise BadInputError(
            f"A width of {settings.width} can't be split into {settings.heads} heads; change one of the two."
        )
    return DHVT(settings, shape)


def _dropped_paths(rate: float) -> nn.Module:
    """Stochastic depth (Huang et al. 2016); where there is none, timm needn't be loaded."""
    if not rate:
        return nn.Identity()
    from timm.layers.drop import DropPath

    dropped: nn.Module = DropPath(rate)
    return dropped


def _initialise(module: nn.Module) -> None:
    """Linear layers as in DeiT; convolutions by their outputs, as in the LeViT line of code."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.Conv2d):
        fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels // module.groups
        nn.init.normal_(module.weight, std=(2.0 / fan_out) ** 0.5)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
