"""The source's features as Gaussians, and squared Mahalanobis distances to them (section 3 of the paper)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.test_time_adaptation.online import SourceSample

Kind = Literal["per_class", "tied", "euclidean", "whole"]

_BATCH = 500


@dataclass(frozen=True)
class Gaussians:
    """Means `[k, d]` and factors L^-1 `[k, d, d]` of covariances L L^T; one factor may serve all means."""

    means: Tensor
    whitening: Tensor

    def distances(self, features: Tensor) -> Tensor:
        """D(x; mu_k, Sigma_k) = (x - mu_k)^T Sigma_k^-1 (x - mu_k) of features `[batch, d]`, `[batch, k]`."""
        if len(self.whitening) == 1:
            whitened = features @ self.whitening[0].T
            return (whitened[:, None] - (self.means @ self.whitening[0].T)[None]).square().sum(dim=2)
        whitened = torch.einsum("kde,be->bkd", self.whitening, features)
        placed = torch.einsum("kde,ke->kd", self.whitening, self.means)
        return (whitened - placed[None]).square().sum(dim=2)


def fit(features: Tensor, labels: Tensor, classes: int, kind: Kind, ridge: float) -> Gaussians:
    """Gaussians of source features `[n, d]`.

    Args:
        kind: `per_class`: mu_c and Sigma_c, as published; `tied`: one covariance, of all features less the
        means
            of their classes; `euclidean`: the identity instead; `whole`: one Gaussian for all classes.
        ridge: added to the diagonal of a covariance, as a share of its mean: after ReLU some features are
            always zero, and a class may have fewer images than features.

    Raises:
        BadInputError: where a class has no image.
    """
    counts = labels.bincount(minlength=classes)
    if (counts == 0).any():
        missing = int((counts == 0).nonzero()[0])
        raise BadInputError(f"The source sample has no image of class {missing}; raise 'source_images'.")
    features = features.double()
    if kind == "whole":
        means = features.mean(dim=0, keepdim=True)
        return _whitened(means, _covariance(features - means)[None], ridge)
    members = F.one_hot(labels, classes).to(features)
    means = members.T @ features / counts[:, None]
    apart = features - means[labels]
    if kind == "euclidean":
        return Gaussians(means.float(), torch.eye(features.shape[1], device=features.device)[None])
    if kind == "tied":
        return _whitened(means, _covariance(apart)[None], ridge)
    return _whitened(
        means, torch.stack([_covariance(apart[labels == label]) for label in range(classes)]), ridge
    )


@torch.no_grad()
def source_features(network: Any, sample: SourceSample) -> Tensor:
    """Features `[n, d]` of the sample's images, with the source statistics."""
    return torch.cat([network.features(batch) for batch in sample.batches(_BATCH)])


def _covariance(apart: Tensor) -> Tensor:
    return apart.T @ apart / len(apart)


def _whitened(means: Tensor, covariances: Tensor, ridge: float) -> Gaussians:
    size = covariances.shape[-1]
    level = covariances.diagonal(dim1=1, dim2=2).mean(dim=1).clamp_min(1e-12)
    eye = torch.eye(size, dtype=covariances.dtype, device=covariances.device)
    lower = torch.linalg.cholesky(covariances + ridge * level[:, None, None] * eye)
    inverse = torch.linalg.solve_triangular(lower, eye.expand_as(lower), upper=False)
    return Gaussians(means.float(), inverse.float())
