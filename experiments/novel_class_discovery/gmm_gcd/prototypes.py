"""The M-step's loss: every image near the centroid of its cluster, and far from the others.

Zhao, Wen, Han 2023, section 3, after Prototypical Contrastive Learning (Li et al., arXiv:2005.04966):

    L_proto = - log [ exp(z·c_y / φ_y) / Σ_j exp(z·c_j / φ_j) ],  mean over both views
    φ_j = (mean distance to centroid j) / log(N_j + 10)

with features z and centroids c of unit length. Clusters of one image take the largest φ; all are then clipped
to their 10th and 90th percentile and scaled to the mean τ.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

OFFSET = 10


def unit_centroids(features: Tensor, clusters: Tensor, number: int) -> Tensor:
    """Of unit length `[number, d]`, of unit features `[n, d]`; 0 for a cluster without images."""
    sums = torch.zeros(number, features.shape[1], device=features.device, dtype=features.dtype)
    return F.normalize(sums.index_add_(0, clusters, features))


def concentrations(features: Tensor, clusters: Tensor, centroids: Tensor, mean: float) -> Tensor:
    """φ `[number]`, whose mean is `mean`; all equal where no cluster of several images has any spread."""
    number = len(centroids)
    distances = (features - centroids[clusters]).norm(dim=1)
    counts = torch.bincount(clusters, minlength=number).to(features)
    totals = torch.zeros(number, device=features.device, dtype=features.dtype).index_add_(
        0, clusters, distances
    )
    found = totals / counts.clamp_min(1) / torch.log(counts + OFFSET)
    several = counts > 1
    if not several.any() or float(found[several].max()) <= 0:
        return torch.full_like(found, mean)
    found = torch.where(several, found, found[several].max())
    low, high = torch.quantile(found, found.new_tensor([0.1, 0.9]))
    clipped = found.clamp(float(low), float(high))
    return clipped * mean / clipped.mean()


def prototype_loss(features: Tensor, clusters: Tensor, centroids: Tensor, spreads: Tensor) -> Tensor:
    """Mean L_proto of both views' features `[2 * images, d]`, of any length but 0, by images' `clusters`."""
    logits = F.normalize(features) @ centroids.T / spreads
    return F.cross_entropy(logits, clusters.repeat(2))
