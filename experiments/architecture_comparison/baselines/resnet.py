"""ResNet for small images (He et al. 2016, section 4.2): the project's own, as timm has ImageNet's alone."""

from __future__ import annotations

from torch import nn

from common.models.cifar_resnet import CifarResNet
from common.strict import StrictModel
from experiments.architecture_comparison.shapes import ImageShape


class Settings(StrictModel):
    """ResNet-(6n+2): 16 channels and a stem of stride 1 are the published network's."""

    depth: int
    width: int = 16
    stem_stride: int = 1


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; it has no stochastic depth."""
    return CifarResNet(settings.depth, shape.classes, settings.width, shape.channels, settings.stem_stride)
