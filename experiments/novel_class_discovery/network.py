"""The network of novel class discovery: a backbone, a head of known and several heads of novel classes.

Fini et al. 2021 (arXiv 2108.08536), section 3: the head of known classes has unit-norm prototypes on
unit-norm features; a head of novel classes has an MLP before its prototypes. Logits are cosines, to be
divided by a temperature.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.models.registry import small_image_network
from common.strict import BadInputError


class Outputs(NamedTuple):
    """Cosines with known prototypes `[rows, known]` and, head by head, novel ones `[heads, rows, novel]`.

    `features` of the backbone, `[rows, dimension]`.
    """

    known: Tensor
    novel: Tensor
    features: Tensor

    def joint(self) -> Tensor:
        """ℓ = [h_l; h_u] of each head, `[heads, rows, known + novel]`."""
        known = self.known.expand(len(self.novel), *self.known.shape)
        return torch.cat([known, self.novel], dim=2)

    def split(self, rows: int) -> list[Outputs]:
        """Several views that were stacked, of so many rows each."""
        parts = (self.known.split(rows), self.novel.split(rows, dim=1), self.features.split(rows))
        return [Outputs(*part) for part in zip(*parts, strict=True)]


class Prototypes(nn.Module):
    """Cosines with one unit vector per class."""

    def __init__(self, dimension: int, classes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(F.normalize(torch.randn(classes, dimension)))

    def forward(self, x: Tensor) -> Tensor:
        """Cosines `[rows, classes]` with vectors `[rows, dimension]` of any length."""
        return F.linear(F.normalize(x), self.weight)

    @torch.no_grad()
    def renew(self) -> None:
        """Put the prototypes back on the unit sphere, where a step has moved them off."""
        self.weight.copy_(F.normalize(self.weight))


class KnownClassifier(nn.Module):
    """The network of stage 1: a backbone of the registry and prototypes of the known classes."""

    def __init__(self, backbone: str, known: int, channels: int) -> None:
        super().__init__()
        self.backbone = small_image_network(backbone, 1, channels)
        self.dimension = cast(nn.Linear, self.backbone.classifier).in_features
        self.backbone.classifier = nn.Identity()
        self.prototypes = Prototypes(self.dimension, known)

    def forward(self, images: Tensor) -> Tensor:
        """Cosines `[rows, known]` of images `[rows, channels, h, w]`."""
        cosines: Tensor = self.prototypes(self.backbone(images))
        return cosines


class NovelHead(nn.Module):
    """An MLP of one hidden layer, and prototypes of the novel classes on what it gives."""

    def __init__(self, dimension: int, hidden: int, projected: int, novel: int) -> None:
        super().__init__()
        self.projection = nn.Sequential(
            nn.Linear(dimension, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, projected)
        )
        self.prototypes = Prototypes(projected, novel)

    def forward(self, features: Tensor) -> Tensor:
        """Cosines `[rows, novel]` of features `[rows, dimension]`."""
        cosines: Tensor = self.prototypes(self.projection(features))
        return cosines


class DiscoveryNetwork(nn.Module):
    """Known and novel heads on one backbone, which `known` brings along.

    Raises BadInputError for no head or no novel class.
    """

    def __init__(self, known: KnownClassifier, novel: int, heads: int, hidden: int, projected: int) -> None:
        super().__init__()
        if novel < 1 or heads < 1:
            raise BadInputError(
                f"A network with {heads} heads of {novel} novel classes can find nothing; give one or more."
            )
        self.known = known
        self.heads = nn.ModuleList(NovelHead(known.dimension, hidden, projected, novel) for _ in range(heads))

    def forward(self, images: Tensor) -> Tensor:
        """All outputs side by side, `[rows, known + heads * novel + dimension]`; `outputs` parts them."""
        features = self.known.backbone(images)
        novel = [head(features) for head in self.heads]
        return torch.cat([self.known.prototypes(features), *novel, features], dim=1)

    def outputs(self, joined: Tensor) -> Outputs:
        """What `forward` gave, by its parts."""
        known = len(self.known.prototypes.weight)
        novel = joined[:, known : -self.known.dimension].unflatten(1, (len(self.heads), -1))
        return Outputs(joined[:, :known], novel.transpose(0, 1), joined[:, -self.known.dimension :])

    def renew_prototypes(self) -> None:
        """Put all prototypes back on the unit sphere."""
        for module in self.modules():
            if isinstance(module, Prototypes):
                module.renew()
