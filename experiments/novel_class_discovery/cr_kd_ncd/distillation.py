"""What is distilled from stage 1 while novel classes are discovered: the paper's relation, or a control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.strict import StrictModel

if TYPE_CHECKING:
    from torch import Tensor

    from experiments.novel_class_discovery.network import KnownClassifier, Outputs


class DistillationSettings(StrictModel):
    """What the network shall keep of what stage 1 said of images without a label.

    Attributes:
        kept: `relation`: r_old, as published. `features` and `logits` are controls: the direction of the
            backbone's features, and the known classes' logits as they are.
        relation: `own`: r_old of the image. Controls: `uniform`, which tells nothing, and `another_image_s`.
        weight: `learnable`: w(x) with its gradient, as in the official code; `constant`: 1.
        strength: α.
        softening: T.
    """

    kept: Literal["relation", "features", "logits"] = "relation"
    relation: Literal["own", "uniform", "another_image_s"] = "own"
    weight: Literal["learnable", "constant"] = "learnable"
    strength: float = Field(default=0.1, ge=0)
    softening: float = Field(default=4.0, gt=0)


def distilled(
    old: KnownClassifier, images: Tensor, new: Outputs, settings: DistillationSettings, temperature: float
) -> Tensor:
    """The loss, α included, of images `[rows, channels, h, w]` without a label and the outputs for them."""
    import torch

    with torch.no_grad():
        features = old.backbone(images).float()
        known = old.prototypes(features)
    if not len(images):
        return new.known.sum()
    return settings.strength * _loss(features, known, new, settings, temperature)


def _loss(
    features: Tensor, known: Tensor, new: Outputs, settings: DistillationSettings, temperature: float
) -> Tensor:
    import torch
    from torch.nn import functional as F

    from experiments.novel_class_discovery.cr_kd_ncd.class_relation import distillation_loss, relation_weights

    match settings.kept:
        case "features":
            return (1 - F.cosine_similarity(features, new.features)).mean()
        case "logits":
            return F.mse_loss(new.known / temperature, known / temperature)
    relation = target(known, settings, temperature)
    if settings.weight == "constant":
        weights = torch.ones(len(relation), device=relation.device)
    else:
        weights = relation_weights(new.joint(), known.shape[1], settings.softening * temperature)
    return distillation_loss(relation, new.known, weights, settings.softening, temperature)


def target(known: Tensor, settings: DistillationSettings, temperature: float) -> Tensor:
    """The relation `[rows, known]` that the network shall have, from cosines of the network of stage 1."""
    import torch

    from experiments.novel_class_discovery.cr_kd_ncd.class_relation import another_image_s, log_relation

    relation = log_relation(known, settings.softening * temperature).exp()
    match settings.relation:
        case "uniform":
            return torch.full_like(relation, 1 / relation.shape[1])
        case "another_image_s":
            return another_image_s(relation)
    return relation
