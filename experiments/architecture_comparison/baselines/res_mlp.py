"""ResMLP (Touvron et al. 2021): timm's, with patches, width and depth for small images."""

from __future__ import annotations

from torch import nn

from common.strict import StrictModel
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """Touvron et al. 2021, arXiv 2105.03404.

    Attributes:
        scale: of both branches of a block at the start (LayerScale); timm's by default.
    """

    patch: int
    width: int
    depth: int
    expansion: float = 4.0
    scale: float = 1e-4


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """timm's network of that size; raises BadInputError where patches don't divide the image."""
    from functools import partial

    from timm.models.mlp_mixer import Affine, MlpMixer, ResBlock

    shape.patches(settings.patch)
    network: nn.Module = MlpMixer(
        num_classes=shape.classes,
        img_size=shape.side,
        in_chans=shape.channels,
        patch_size=settings.patch,
        num_blocks=settings.depth,
        embed_dim=settings.width,
        mlp_ratio=settings.expansion,
        block_layer=partial(ResBlock, init_values=settings.scale),  # type: ignore[arg-type]
        norm_layer=Affine,
        drop_path_rate=shape.drop_path,
    )
    return network
