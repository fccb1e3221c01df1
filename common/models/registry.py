"""Networks for small images by name; those of larger images come from timm.

Each has `features`, its penultimate features, and `classifier`, the linear layer on top of them.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from common.models.cifar_resnet import CifarResNet, group_normalisation
from common.models.resnet18 import resnet18
from common.models.wide_resnet import WideResNet
from common.strict import BadInputError, suggest

Builder = Callable[[int, int], nn.Module]  # of the number of classes and of image channels

SMALL_IMAGE_NETWORKS: dict[str, Builder] = {
    "resnet8_quarter": lambda classes, channels: CifarResNet(8, classes, channels=channels, stem_stride=4),
    "resnet8_half": lambda classes, channels: CifarResNet(8, classes, channels=channels, stem_stride=2),
    "resnet8": lambda classes, channels: CifarResNet(8, classes, channels=channels),
    "resnet20": lambda classes, channels: CifarResNet(20, classes, channels=channels),
    "resnet26": lambda classes, channels: CifarResNet(26, classes, channels=channels),
    "resnet26_group_norm": lambda classes, channels: CifarResNet(
        26, classes, channels=channels, normalisation=group_normalisation
    ),
    "resnet56": lambda classes, channels: CifarResNet(56, classes, channels=channels),
    "resnet18": resnet18,
    "wrn_16_1": lambda classes, channels: WideResNet(16, 1, classes, channels),
    "wrn_40_2": lambda classes, channels: WideResNet(40, 2, classes, channels),
    "wrn_28_10": lambda classes, channels: WideResNet(28, 10, classes, channels),
}


def small_image_network(name: str, classes: int, channels: int = 3) -> nn.Module:
    """A freshly initialised network for images of about 32 x 32; raises BadInputError for an unknown name."""
    if name not in SMALL_IMAGE_NETWORKS:
        raise BadInputError(f"There is no network '{name}'.{suggest(name, SMALL_IMAGE_NETWORKS)}")
    return SMALL_IMAGE_NETWORKS[name](classes, channels)
