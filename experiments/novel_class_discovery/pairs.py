"""What methods that compare pairs of unlabelled images share: their loss, consistency, and the ramp-up.

Han, Rebuffi, Ehrhardt, Vedaldi, Zisserman: Automatically Discovering and Learning New Visual Categories with
Ranking Statistics, ICLR 2020, arXiv 2002.05714.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

SMALLEST = 1e-7  # so that no logarithm is infinite


def rank_statistics(features: Tensor, top: int) -> Tensor:
    """s_ij = 1.0 where images i and j have the same set of `top` largest feature dimensions, `[rows, rows]`.

    Features `[rows, dimension]`; the order within the set doesn't matter. More than there are dimensions are
    all.
    """
    top = min(top, features.shape[1])
    chosen = torch.zeros_like(features).scatter_(1, features.abs().topk(top, dim=1).indices, 1.0)
    return (chosen @ chosen.T >= top).to(features.dtype)


def cosine_neighbours(features: Tensor, threshold: float) -> Tensor:
    """s_ij = 1.0 where the cosine of images i and j is at least `threshold`, `[rows, rows]`."""
    unit = F.normalize(features)
    return (unit @ unit.T >= threshold).to(features.dtype)


def pair_loss(first: Tensor, second: Tensor, similar: Tensor) -> Tensor:
    """Binary cross-entropy of p_i · q_j, the chance that both are of one class, with `similar` `[rows,
    rows]`.

    Logits `[rows, novel]` of two views, divided by their temperature; the mean over all pairs, 0 without
    rows.
    """
    if not len(first):
        return first.sum()
    together = first.softmax(dim=1) @ second.softmax(dim=1).T
    return -torch.log(similar * together + (1 - similar) * (1 - together) + SMALLEST).mean()


def consistency(first: Tensor, second: Tensor) -> Tensor:
    """Mean squared difference of the probabilities of two views, from logits `[rows, classes]`."""
    return F.mse_loss(first.softmax(dim=1), second.softmax(dim=1))


def ramp_up(epoch: int, length: float) -> float:
    """exp(-5 (1 - epoch / length)²), which rises from nearly 0 to 1 and stays; 1 for a length of 0."""
    gone = min(1.0, epoch / length) if length > 0 else 1.0
    return math.exp(-5 * (1 - gone) ** 2)
