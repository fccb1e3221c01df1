"""Soft k-nearest neighbours: the closest supports share a vote by the softmax of their distances.

Jia, Chen, Wu, Cardie, Belongie, Lim: Rethinking Nearest Neighbors for Visual Classification, 2021, arXiv
2112.08459: w = softmax_i(−‖f(x) − f(x_i)‖² / T) over the k nearest, p(c | x) = Σ w_i over those of class c,
on features that are centred on the training set's mean and of length one (here `centred_unit`).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

NEIGHBOURS = 16
TEMPERATURE = 0.1


def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
    """Probabilities `[episodes, questions, ways]`; arguments as in `nearest_class_mean.classify`."""
    return soft_votes(support, labels, queries, NEIGHBOURS, TEMPERATURE)


def soft_votes(
    support: Tensor, labels: Tensor, queries: Tensor, neighbours: int, temperature: float
) -> Tensor:
    """Of so many neighbours, or of all supports where there are fewer."""
    distances = torch.cdist(queries, support, compute_mode="donot_use_mm_for_euclid_dist").square()
    nearest, places = distances.topk(min(neighbours, len(labels)), dim=-1, largest=False)
    weights = (-nearest / temperature).softmax(-1)
    votes: Tensor = (weights[..., None, :] @ F.one_hot(labels).to(weights)[places])[..., 0, :]
    return votes
