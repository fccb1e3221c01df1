"""MambaOut as timm has it, with the strides of its stem for small images.

Weihao Yu, Xinchao Wang: MambaOut: Do We Really Need Mamba for Vision?, CVPR 2025, arXiv 2405.07992. Depths
and widths are arguments of timm's; changed here are the strides of the stem's two convolutions, 2 and 2 in
the paper.
"""

from __future__ import annotations

from pydantic import Field
from torch import nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """Blocks and widths of each stage, between which maps are halved.

    Attributes:
        stem_strides: of the two convolutions before the first stage.
    """

    depths: list[int] = Field(min_length=1)
    widths: list[int] = Field(min_length=1)
    stem_strides: tuple[int, int] = (2, 2)


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError where stages disagree, or leave no pixel to mix."""
    from timm.models.mambaout import MambaOut

    if len(settings.depths) != len(settings.widths):
        raise BadInputError(
            f"There are {len(settings.depths)} 'depths' and {len(settings.widths)} 'widths'; give each "
            f"stage one."
        )
    reduction = settings.stem_strides[0] * settings.stem_strides[1] * 2 ** (len(settings.depths) - 1)
    if reduction > shape.side:
        raise BadInputError(
            f"Stem and stages reduce a side by {reduction}, and images have {shape.side} pixels; lower "
            f"'stem_strides', or take a stage away."
        )
    network = MambaOut(
        in_chans=shape.channels,
        num_classes=shape.classes,
        depths=tuple(settings.depths),
        dims=tuple(settings.widths),
        drop_path_rate=shape.drop_path,
    )
    for convolution, stride in zip(
        (network.stem.conv1, network.stem.conv2), settings.stem_strides, strict=True
    ):
        convolution.stride = (stride, stride)
    whole: nn.Module = network
    return whole
