"""The networks of the study by name, with a linear classifier or with reciprocal points."""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import Tensor, nn

from common.models.registry import SMALL_IMAGE_NETWORKS, small_image_network
from common.strict import BadInputError, suggest
from common.training.device import place
from common.training.seeding import seeded_initialisation
from experiments.novel_class_discovery.osr_closed_set.classifier32 import Classifier32
from experiments.novel_class_discovery.osr_closed_set.reciprocal_points import ReciprocalPoints
from experiments.novel_class_discovery.osr_closed_set.settings import Objective

WIDTHS = {"classifier32": 64, "classifier32_w32": 32, "classifier32_w16": 16, "classifier32_w8": 8}


class Backbone(Protocol):
    """What the study asks of a network."""

    classifier: nn.Module

    def features(self, x: Tensor) -> Tensor:
        """`[batch, dimension]` of images `[batch, channels, h, w]`."""


def fresh_network(
    name: str, classes: int, channels: int, objective: Objective, seed: int, device: torch.device
) -> nn.Module:
    """An untrained network, which hangs on `seed` alone; raises BadInputError for an unknown name."""
    known = {*WIDTHS, *SMALL_IMAGE_NETWORKS}
    if name not in known:
        raise BadInputError(f"There is no network '{name}'.{suggest(name, known)}")
    with seeded_initialisation(seed):
        if name in WIDTHS:
            network: nn.Module = Classifier32(WIDTHS[name], classes, channels)
        else:
            network = small_image_network(name, classes, channels)
        if objective == "arpl":
            backbone = cast(Backbone, network)
            linear = cast(nn.Linear, backbone.classifier)
            backbone.classifier = ReciprocalPoints(linear.in_features, classes)
    return place(network, device)
