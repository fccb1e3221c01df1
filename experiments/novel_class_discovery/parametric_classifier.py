"""SimGCD's losses: a classifier of known and novel classes that learns from its own sharpened predictions.

Wen, Zhao, Qi, "Parametric Classification for Generalized Category Discovery: A Baseline Study" (ICCV 2023,
arXiv:2211.11727): cosines with one prototype per class, of which there are K, a number that must be given.

    L = (1 - λ) (L_u + ε memax) + λ CE,   memax = log K - H(mean prediction)
    L_u = CE between the other view's prediction at a lower temperature, held fixed, and the view's own at 0.1
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

STUDENT = 0.1  # temperature of predictions that learn
TEACHER = (0.07, 0.04)  # of those that teach: at first, and after `RISE` of a training
RISE = 0.15  # 30 of 200 epochs


def teacher_temperature(progress: float) -> float:
    """By a cosine from the first to the last, after `progress`, in [0, 1], of the training."""
    first, last = TEACHER
    gone = min(progress / RISE, 1.0)
    return last + (first - last) * (1 + math.cos(math.pi * gone)) / 2


def self_distillation(cosines: Tensor, temperature: float) -> Tensor:
    """L_u of `[2 * images, classes]`, first views before second ones; the other view teaches."""
    with torch.no_grad():
        taught = F.softmax(cosines / temperature, dim=1).roll(len(cosines) // 2, dims=0)
    return -(taught * F.log_softmax(cosines / STUDENT, dim=1)).sum(dim=1).mean()


def mean_entropy_gap(cosines: Tensor) -> Tensor:
    """memax: how far the entropy of the mean prediction is below log K."""
    mean = F.softmax(cosines / STUDENT, dim=1).mean(dim=0)
    return math.log(len(mean)) + (mean * mean.clamp_min(1e-12).log()).sum()


def classification(cosines: Tensor, labels: Tensor) -> Tensor:
    """CE of both views of the images whose label `[images]` isn't negative; 0 where there are none."""
    both = labels.repeat(2)
    there = both >= 0
    if not there.any():
        return cosines.sum() * 0
    return F.cross_entropy(cosines[there] / STUDENT, both[there])


def parametric_loss(
    cosines: Tensor, labels: Tensor, labelled_share: float, entropy_weight: float, progress: float
) -> Tensor:
    """L of both views' cosines `[2 * images, classes]`, apart from the contrastive losses beside it."""
    alone = self_distillation(cosines, teacher_temperature(progress))
    alone = alone + entropy_weight * mean_entropy_gap(cosines)
    return (1 - labelled_share) * alone + labelled_share * classification(cosines, labels)
