"""CAFA's loss and the parts that its ablation takes away (section 3 of the paper).

All take squared distances `[batch, classes]` to the source's Gaussians and pseudo-labels `[batch]`.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Form = Literal["ratio_of_means", "mean_of_ratios", "intra", "inter", "nothing"]

_LEAST = 1e-12


def intra(distances: Tensor, labels: Tensor) -> Tensor:
    """D_intra of each image, `[batch]`: to the class that it is taken for."""
    return distances.gather(1, labels[:, None])[:, 0]


def inter(distances: Tensor, labels: Tensor) -> Tensor:
    """D_inter of each image, `[batch]`: the mean over all other classes."""
    others = 1 - F.one_hot(labels, distances.shape[1]).to(distances)
    return (distances * others).sum(dim=1) / (distances.shape[1] - 1)


def class_aware_alignment(distances: Tensor, labels: Tensor, form: Form, weight: float = 1.0) -> Tensor:
    """The loss, a scalar.

    `ratio_of_means`: log mean D_intra - log mean D_inter over the batch, whose gradient no factor of either
    changes: there is no weight to choose. `mean_of_ratios`: the mean of each image's own log ratio. `intra`
    and `inter`: one of the two logarithms alone. `nothing`: 0, without a gradient.

    `weight`: of the second logarithm, where there are both; 1: the paper's method, which has none.
    """
    near, far = intra(distances, labels).clamp_min(_LEAST), inter(distances, labels).clamp_min(_LEAST)
    match form:
        case "ratio_of_means":
            return near.mean().log() - weight * far.mean().log()
        case "mean_of_ratios":
            return (near.log() - weight * far.log()).mean()
        case "intra":
            return near.mean().log()
        case "inter":
            return -far.mean().log()
        case "nothing":
            return 0 * near.mean()


def alignment_of_moments(features: Tensor, mean: Tensor, whitening: Tensor) -> Tensor:
    """Class-agnostic alignment: the batch's features become standard normal by the whole source's Gaussian.

    The squared length of their mean, plus the mean squared difference of their covariance from the identity.
    """
    whitened = (features - mean) @ whitening.T
    centre = whitened.mean(dim=0)
    apart = whitened - centre
    covariance = apart.T @ apart / len(apart)
    return centre.square().mean() + (covariance - torch.eye(len(centre)).to(covariance)).square().mean()
