"""Networks for small images by name; those of larger images come from timm."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from common.models.cifar_resnet import CifarResNet, group_normalisation
from common.models.wide_resnet import WideResNet
from common.strict import BadInputError, suggest

SMALL_IMAGE_NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    "resnet8_half": lambda classes: CifarResNet(8, classes, stem_stride=2),
    "resnet8": lambda classes: CifarResNet(8, classes),
    "resnet20": lambda classes: CifarResNet(20, classes),
    "resnet26": lambda classes: CifarResNet(26, classes),
    "resnet26_group_norm": lambda classes: CifarResNet(26, classes, normalisation=group_normalisation),
    "resnet56": lambda classes: CifarResNet(56, classes),
    "wrn_16_1": lambda classes: WideResNet(16, 1, classes),
    "wrn_40_2": lambda classes: WideResNet(40, 2, classes),
    "wrn_28_10": lambda classes: WideResNet(28, 10, classes),
}


def small_image_network(name: str, classes: int) -> nn.Module:
    """A freshly initialised network for images of about 32 x 32; raises BadInputError for an unknown name."""
    if name not in SMALL_IMAGE_NETWORKS:
        raise BadInputError(f"There is no network '{name}'.{suggest(name, SMALL_IMAGE_NETWORKS)}")
    return SMALL_IMAGE_NETWORKS[name](classes)
