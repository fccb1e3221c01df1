"""Adding classes without a training step, and telling classes apart by one vector each.

Pereira et al. 2021 (arXiv 2102.03243): the column of a new class is the mean of its samples' normalised
embeddings, divided by its length; an image belongs to the class k with the largest w_k · z. The common factor
s changes neither the direction of the mean nor the order of the products, and is left out.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.few_shot.hyperspherical_embedding.settings import Rule


def imprinted(samples: Tensor) -> Tensor:
    """The columns `[..., d]` of classes with embeddings `[..., n, d]`; lengths of embeddings don't count.

    Raises BadInputError where a class has no sample, or where samples are NaN or cancel out.
    """
    if not samples.shape[-2]:
        raise BadInputError("A class without a sample can't be added; raise 'samples' to one or more.")
    mean = F.normalize(samples, dim=-1).mean(dim=-2)
    if not (mean.norm(dim=-1) > 0).all():
        raise BadInputError(
            "The embeddings of a class are NaN or cancel out, so that it has no direction; lower "
            "'learning_rate' or give other samples."
        )
    return F.normalize(mean, dim=-1)


def class_vector(rule: Rule, samples: Tensor) -> Tensor:
    """What stands for a class under `rule`, `[..., d]` of `[..., n, d]`: its mean, on or off the sphere."""
    return samples.mean(dim=-2) if rule == "euclidean" else imprinted(samples)


def class_scores(rule: Rule, embeddings: Tensor, vectors: Tensor) -> Tensor:
    """`[..., n, classes]`, the highest for the chosen class, of `[n, d]` and vectors `[..., classes, d]`.

    Cosines, where vectors lie on the sphere; else minus squared distances, but for the term of each image
    that all classes share.
    """
    if rule == "euclidean":
        lengths = vectors.square().sum(dim=-1)
        return 2 * embeddings @ vectors.transpose(-1, -2) - lengths[..., None, :]
    return F.normalize(embeddings, dim=-1) @ vectors.transpose(-1, -2)


def sampled_vectors(
    rule: Rule,
    embeddings: Tensor,
    labels: Tensor,
    samples: int | None,
    draws: int,
    generator: torch.Generator,
) -> Tensor:
    """Class vectors `[draws, classes, d]` from `samples` random embeddings of each class at a time.

    None: from all of them, which can be drawn in one way alone. Raises BadInputError where a class has fewer.
    """
    found = []
    for label in range(int(labels.max()) + 1):
        members = embeddings[labels == label]
        if samples is None:
            found.append(class_vector(rule, members)[None])
            continue
        if samples > len(members):
            raise BadInputError(
                f"{samples} samples of a class are asked for, but one has {len(members)}; lower 'samples'."
            )
        orders = torch.rand(draws, len(members), generator=generator).argsort(dim=1)[:, :samples]
        found.append(class_vector(rule, members[orders]))
    return torch.stack(found, dim=1)
