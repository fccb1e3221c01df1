"""ViT and DeiT: timm's VisionTransformer, with patches, width and depth for small images."""

from __future__ import annotations

from typing import Literal

from torch import nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """Dosovitskiy et al. 2021, table 1's columns; DeiT (Touvron et al. 2021) is the same network.

    Attributes:
        pool: classify the class token, or the mean of all others (then there is no class token).
    """

    patch: int
    width: int
    depth: int
    heads: int
    expansion: float = 4.0
    pool: Literal["token", "mean"] = "token"


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """timm's network of that size; raises BadInputError where patches or heads don't divide their whole."""
    from timm.models.vision_transformer import VisionTransformer

    shape.patches(settings.patch)
    if settings.width % settings.heads:
        raise BadInputError(
            f"A width of {settings.width} can't be split into {settings.heads} heads; change one of the two."
        )
    token = settings.pool == "token"
    network: nn.Module = VisionTransformer(
        img_size=shape.side,
        patch_size=settings.patch,
        in_chans=shape.channels,
        num_classes=shape.classes,
        embed_dim=settings.width,
        depth=settings.depth,
        num_heads=settings.heads,
        mlp_ratio=settings.expansion,
        class_token=token,
        global_pool="token" if token else "avg",
        drop_path_rate=shape.drop_path,
    )
    return network
