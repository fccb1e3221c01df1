"""A frozen embedding: the network, and the features of all images that test episodes are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.atomic import replacing
from common.models.saving import save_tensors
from common.strict import BadInputError, validate
from common.training.image_set import ImageSet
from common.training.images import random_crop_flip
from experiments.few_shot.backbones import Backbone
from experiments.few_shot.protocol import EmbeddingFacts

SIZE = 1000  # images that are embedded at once


@dataclass(frozen=True)
class Embedding:
    """Float32 features, made once in evaluation mode, so that no query's batch statistics enter.

    Attributes:
        state: of the network, head included.
        features: `[n, dimension]` of the images that are judged.
        labels: int64 `[n]`.
        copies: `[n, count, dimension]`, of augmented copies of them.
        base_mean: `[dimension]`, over the training images.
        facts: how it was learned.
    """

    state: dict[str, Tensor]
    features: Tensor
    labels: Tensor
    copies: Tensor
    base_mean: Tensor
    facts: EmbeddingFacts

    def save(self, path: Path) -> None:
        """Write tensors and plain values only, so that loading needs no pickled code."""
        parts: dict[str, Any] = {name: getattr(self, name) for name in _TENSORS}
        with replacing(path) as temporary:
            save_tensors({**parts, "state": self.state, "facts": self.facts.model_dump()}, temporary)

    @classmethod
    def load(cls, path: Path) -> Embedding:
        """Read what `save` wrote, onto the CPU."""
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        facts = validate(EmbeddingFacts, saved.pop("facts"), str(path))
        return cls(**saved, facts=facts)

    def with_copies(self, count: int) -> Tensor | None:
        """The first `count` copies of each image, None for 0; raises BadInputError where there are fewer."""
        if count > self.copies.shape[1]:
            raise BadInputError(
                f"{count} augmented copies are asked for, but {self.copies.shape[1]} were embedded; "
                "raise 'copies' of the step that embeds."
            )
        return self.copies[:, :count] if count else None


_TENSORS = ("features", "labels", "copies", "base_mean")


def embed(
    network: nn.Module,
    base: ImageSet,
    judged: ImageSet,
    copies: int,
    generator: torch.Generator,
    facts: EmbeddingFacts,
) -> Embedding:
    """Freeze `network`; copies are cropped and mirrored at random, as in training."""
    network.eval()
    state = {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}
    features = clean_features(network, judged)
    augmented = [_augmented_features(network, judged, generator) for _ in range(copies)]
    stacked = torch.stack(augmented, dim=1) if copies else features.new_empty(len(features), 0, 0)
    mean = clean_features(network, base).mean(dim=0)
    return Embedding(state, features, judged.labels.cpu(), stacked, mean, facts)


@torch.no_grad()
def clean_features(network: nn.Module, images: ImageSet) -> Tensor:
    """`[n, dimension]` on the CPU, of images as they are."""
    backbone = cast(Backbone, network)
    return torch.cat([backbone.features(batch.images).float().cpu() for batch in images.clean(SIZE)])


@torch.no_grad()
def _augmented_features(network: nn.Module, images: ImageSet, generator: torch.Generator) -> Tensor:
    backbone = cast(Backbone, network)
    found = []
    for pixels in images.images.split(SIZE):
        crops = augmented(pixels, images.margin, generator)
        found.append(backbone.features(images.standardise(crops)).float().cpu())
    return torch.cat(found)


def augmented(pixels: Tensor, margin: int, generator: torch.Generator) -> Tensor:
    """A random crop of each of the bytes `[n, side, side, channels]`, padded with black, perhaps mirrored.

    Without a margin, the images as they are: a mirrored character would be another one.
    """
    if not margin:
        return pixels
    padded = F.pad(pixels, (0, 0, *(margin,) * 4))
    return random_crop_flip(padded, pixels.shape[1], generator)
