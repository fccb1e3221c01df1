"""Nearest class mean: the prototype of a class is the mean of its supports.

Snell, Swersky, Zemel: Prototypical Networks for Few-shot Learning, 2017, arXiv 1703.05175, equations 1 and 2:
c_k = mean of f(x) over S_k; p(k | x) ∝ exp(−‖f(x) − c_k‖²). On the features of a classifier it is SimpleShot
(Wang et al. 2019, arXiv 1911.04623), which normalises them before.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
    """Minus the squared Euclidean distance to each prototype, `[episodes, questions, ways]`.

    Args:
        support: `[episodes, examples, dimension]`.
        labels: int64 `[examples]`, each of 0..ways-1 at least once.
        queries: `[episodes, questions, dimension]`.
    """
    prototypes = class_means(support, labels)
    # Expanded, so that no tensor holds all differences; a query's own length is the same for all classes.
    products = torch.baddbmm(prototypes.square().sum(-1)[:, None], queries, prototypes.mT, beta=-1, alpha=2)
    return products - queries.square().sum(-1, keepdim=True)


def class_means(support: Tensor, labels: Tensor) -> Tensor:
    """`[episodes, ways, dimension]`."""
    membership = F.one_hot(labels).to(support.dtype)
    return (membership / membership.sum(0)).T @ support
