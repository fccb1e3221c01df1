"""ConvNeXt (Liu et al. 2022): timm's, with the stride of its stem, widths and depths for small images.

Zhuang Liu, Hanzi Mao, Chao-Yuan Wu, Christoph Feichtenhofer, Trevor Darrell, Saining Xie: A ConvNet for the
2020s, CVPR 2022, arXiv 2201.03545.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.shapes import ImageShape

STAGES = 4  # timm's class has neither more nor fewer


class Settings(StrictModel):
    """Blocks and widths of each of the four stages, between which maps are halved.

    Attributes:
        stem_stride: and the side of the stem's kernel; the paper's is 4. After a stem of 2, timm halves the
            map before the first stage too.
        kernel: of the depth-wise convolutions.
        scale: of each branch at the start (LayerScale); the paper's of 1e-6 leaves a short training without
            blocks.
    """

    depths: list[int]
    widths: list[int]
    stem_stride: Literal[1, 2, 4] = 4
    kernel: int = Field(default=7, ge=1)
    scale: float = Field(default=1e-6, gt=0)


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """timm's network of that size; raises BadInputError where stages aren't four or don't divide images."""
    from timm.models.convnext import ConvNeXt

    if {len(settings.depths), len(settings.widths)} != {STAGES}:
        raise BadInputError(
            f"There are {len(settings.depths)} 'depths' and {len(settings.widths)} 'widths'; give each of "
            f"the {STAGES} stages one."
        )
    halvings = STAGES if settings.stem_stride == 2 else STAGES - 1
    reduction = settings.stem_stride * 2**halvings
    if shape.side % reduction:
        raise BadInputError(
            f"Stem and stages reduce a side by {reduction}, which doesn't divide images of {shape.side} "
            f"pixels; set 'stem_stride' to 1, or the data's 'side' to a multiple of {reduction}."
        )
    network: nn.Module = ConvNeXt(
        in_chans=shape.channels,
        num_classes=shape.classes,
        depths=tuple(settings.depths),
        dims=tuple(settings.widths),
        patch_size=settings.stem_stride,
        kernel_sizes=settings.kernel,
        ls_init_value=settings.scale,
        drop_path_rate=shape.drop_path,
    )
    return network
