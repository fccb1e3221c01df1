"""A plain ViT that classifies the mean of its tokens, with and without a causal mask on its attention.

Weihao Yu, Xinchao Wang: MambaOut: Do We Really Need Mamba for Vision?, CVPR 2025, arXiv 2405.07992, figure 3.
The network is timm's; masked, a token attends to itself and to those before it, row by row.
"""

from __future__ import annotations

from torch import Tensor, nn

from common.strict import StrictModel
from experiments.architecture_comparison.baselines import vit
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """As the ViT's."""

    patch: int
    width: int
    depth: int
    heads: int
    causal: bool


class MaskedViT(nn.Module):
    """timm's ViT, told in every forward pass whether attention is causal."""

    def __init__(self, network: nn.Module, causal: bool) -> None:
        super().__init__()
        self.network = network
        self.causal = causal

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, side, side]`."""
        logits: Tensor = self.network(images, is_causal=self.causal)
        return logits


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError where patches or heads don't divide their whole."""
    plain = vit.Settings(
        patch=settings.patch, width=settings.width, depth=settings.depth, heads=settings.heads, pool="mean"
    )
    return MaskedViT(vit.build(plain, shape), settings.causal)
