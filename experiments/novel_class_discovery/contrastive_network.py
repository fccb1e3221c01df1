"""A backbone with a projection head for contrastive losses and, where asked for, prototypes of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.models.registry import small_image_network
from common.strict import BadInputError

WEIGHTS = "dino_vitbase16_pretrain.pth"  # as DINO's authors call their file
SIDE = 224
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, which DINO has learned with


class Outputs(NamedTuple):
    """Backbone features `[rows, d]`, projections `[rows, p]`, and cosines `[rows, classes]`, if any."""

    features: Tensor
    projections: Tensor
    cosines: Tensor


class VisionTransformer(nn.Module):
    """timm's network, whose class token is the feature; images are enlarged to the side it was trained at."""

    def __init__(self, name: str, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        import timm

        network: Any = timm.create_model(name, num_classes=0, img_size=SIDE)
        self.network: nn.Module = network
        self.dimension = int(network.num_features)
        # Buffers, so that they go to the device with the network.
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", mean.reshape(1, -1, 1, 1) / 255, persistent=False)
        self.register_buffer("deviation", deviation.reshape(1, -1, 1, 1) / 255, persistent=False)

    def features(self, images: Tensor) -> Tensor:
        """Of images `[rows, 3, h, w]`, which are standardised by the data set's own constants."""
        scaled = images * self.deviation + self.mean
        larger = F.interpolate(scaled, (SIDE, SIDE), mode="bicubic", align_corners=False)
        constants = [larger.new_tensor(values).reshape(1, 3, 1, 1) for values in (MEAN, DEVIATION)]
        features: Tensor = self.network((larger - constants[0]) / constants[1])
        return features

    def last_block(self) -> list[nn.Parameter]:
        """The parameters of the last of its blocks."""
        return list(cast(nn.Sequential, self.network.blocks)[-1].parameters())

    def load(self, folder: Path) -> None:
        """Read the weights that DINO's authors publish; raises BadInputError for none, or others."""
        file = folder / WEIGHTS
        if not file.is_file():
            raise BadInputError(f"{folder} holds no {WEIGHTS}; give the folder into which it was downloaded.")
        state = torch.load(file, map_location="cpu", weights_only=True)
        try:
            self.network.load_state_dict(state)
        except RuntimeError as error:
            raise BadInputError(f"{file} isn't of this network: {str(error).splitlines()[0]}") from None


class ContrastiveNetwork(nn.Module):
    """`forward` gives features, projections and cosines side by side, which `outputs` takes apart.

    The projection is an MLP of three layers (Caron et al. 2021, as in GCD). With `classes` there are
    prototypes of unit length on features of unit length.
    """

    def __init__(
        self, backbone: nn.Module, dimension: int, hidden: int, projected: int, classes: int = 0
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.dimension, self.projected = dimension, projected
        self.projection = nn.Sequential(
            nn.Linear(dimension, hidden),
            nn.GELU(),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Linear(hidden, projected),
        )
        self.prototypes = nn.Parameter(F.normalize(torch.randn(classes, dimension))) if classes else None

    def forward(self, images: Tensor) -> Tensor:
        """Of images `[rows, channels, h, w]`."""
        features: Tensor = self.backbone.features(images)  # type: ignore[operator]
        parts = [features, self.projection(features)]
        if self.prototypes is not None:
            parts.append(F.linear(F.normalize(features), F.normalize(self.prototypes)))
        return torch.cat(parts, dim=1)

    def outputs(self, joined: Tensor) -> Outputs:
        """What `forward` gave, by its parts."""
        first, second = self.dimension, self.dimension + self.projected
        return Outputs(joined[:, :first], joined[:, first:second], joined[:, second:])

    def learning(self) -> list[nn.Parameter]:
        """All parameters; of a vision transformer, those of its last block and of what lies above it."""
        if isinstance(self.backbone, VisionTransformer):
            above = [value for name, value in self.named_parameters() if not name.startswith("backbone.")]
            return [*self.backbone.last_block(), *above]
        return list(self.parameters())


def fresh_backbone(name: str, channels: int, mean: Tensor, deviation: Tensor) -> tuple[nn.Module, int]:
    """A network of the registry, or a vision transformer by timm's name, and the number of its features.

    Raises BadInputError for a name that is neither.
    """
    if name.startswith("vit_"):
        transformer = VisionTransformer(name, mean, deviation)
        return transformer, transformer.dimension
    network = small_image_network(name, 1, channels)
    dimension = int(network.classifier.in_features)  # type: ignore[union-attr, arg-type]
    network.classifier = nn.Identity()
    return network, dimension
