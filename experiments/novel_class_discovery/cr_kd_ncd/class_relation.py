"""The class relation of an image: what a classifier of the known classes says of an image of a novel one.

Gu, Zhang, Xu, He: Class-relation Knowledge Distillation for Novel Class Discovery, ICCV 2023, arXiv
2307.09158.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SOFTENING = 4.0  # T, official code; the relation is measured with it whatever a method distils


def log_relation(known: Tensor, temperature: float) -> Tensor:
    """log r(x) = log softmax of cosines with the known prototypes over the temperature; `[rows, known]`."""
    return F.log_softmax(known / temperature, dim=1)


def relation_divergence(old: Tensor, new: Tensor, temperature: float) -> Tensor:
    """KL(r_old ‖ r_new) of each image in nats, `[rows]`, from cosines `[rows, known]`."""
    before, after = log_relation(old, temperature), log_relation(new, temperature)
    return (before.exp() * (before - after)).sum(dim=1)


def relation_information(old: Tensor, temperature: float) -> Tensor:
    """How much r_old tells images apart: the mean of KL(r_old(x) ‖ mean of r_old) in nats, a scalar.

    What a network keeps of it can be stated as a share: 1 - divergence / information (ours).
    """
    log_shares = log_relation(old, temperature)
    mean = log_shares.exp().mean(dim=0)
    return (log_shares.exp() * (log_shares - mean.log())).sum(dim=1).mean()


def relation_weights(joint: Tensor, known: int, temperature: float) -> Tensor:
    """w(x): how much of softmax(ℓ(x) / temperature) lies on known classes, over its mean in the batch;
    `[rows]`.

    The mean over heads of `joint`, `[heads, rows, known + novel]`. Gradients flow through it, as in the
    official code.
    """
    mass = F.softmax(joint / temperature, dim=2)[:, :, :known].sum(dim=2).mean(dim=0)
    return mass / mass.mean()


def distillation_loss(
    relation: Tensor, new: Tensor, weights: Tensor, softening: float, temperature: float
) -> Tensor:
    """L_rKD = mean of T² w(x) CE(r_old(x), r_new(x)), with T the `softening` beside the logits'
    `temperature`.

    Args:
        relation: r_old `[rows, known]`, constant.
        new: the network's cosines with known prototypes, `[rows, known]`.
        weights: w `[rows]`.
    """
    if not len(new):
        return new.sum()
    entropies = -(relation * log_relation(new, softening * temperature)).sum(dim=1)
    return softening**2 * (weights * entropies).mean()


def another_image_s(relation: Tensor) -> Tensor:
    """Each image gets the relation of the one before it in the batch, whose order is random: a control."""
    return torch.roll(relation, 1, dims=0)
