"""The normal-inverse-Wishart prior of a cluster: its posterior, and how likely it makes a set of points.

Section 3 of Zhao, Wen, Han 2023, with m the mean of the data, κ = 1e-4, ν = D + 1 and Ψ in proportion to I:

    κ_N = κ + N,  ν_N = ν + N,  m_N = (κ m + N x̄) / κ_N
    Ψ_N = Ψ + S + (κ N / κ_N) (x̄ - m)(x̄ - m)ᵀ
    log Λ(X) = - (N D / 2) log π + log Γ_D(ν_N / 2) - log Γ_D(ν / 2) + (ν / 2) log |Ψ| - (ν_N / 2) log |Ψ_N|
               + (D / 2)(log κ - log κ_N)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Rows, check_rows
from experiments.novel_class_discovery.gmm_gcd.monomials import Sums

Floats = NDArray[np.float64]
KAPPA = 1e-4


@dataclass(frozen=True)
class Prior:
    """m `[d]`, κ, ν and Ψ `[d, d]`, positive definite."""

    mean: Floats
    kappa: float
    nu: float
    scale: Floats


@dataclass(frozen=True)
class Posterior:
    """κ_N and ν_N `[k]`, m_N `[k, d]` and Ψ_N `[k, d, d]` of each cluster."""

    kappa: Floats
    nu: Floats
    mean: Floats
    scale: Floats


def prior_of(points: Rows, relative_scale: float) -> Prior:
    """The paper's prior of points `[n, d]`, with Ψ = relative_scale · (mean variance of the features) · I.

    Ψ is what keeps a cluster's covariance regular, however few its points are or wherever they lie.
    Raises BadInputError for points that aren't finite, or all the same.
    """
    check_rows(points, "features")
    if relative_scale <= 0:
        raise BadInputError(f"The prior's relative scale is {relative_scale}; set it above 0.")
    check_varied(points)
    points = np.asarray(points, dtype=np.float64)
    variance = float(points.var(axis=0).mean())
    dimension = points.shape[1]
    scale = relative_scale * variance * np.eye(dimension)
    return Prior(points.mean(axis=0), KAPPA, dimension + 1.0, scale)


def check_varied(points: Rows) -> None:
    """Raise BadInputError where all points `[n, d]` are the same, up to rounding."""
    points = np.asarray(points, dtype=np.float64)
    if float(points.var(axis=0).mean()) <= np.finfo(np.float64).eps * float((points**2).mean()):
        raise BadInputError(
            f"All {len(points)} features are the same, so that there are no clusters to tell apart; look at "
            f"the network that made them, whose training may have collapsed."
        )


def posterior(sums: Sums, prior: Prior) -> Posterior:
    """κ_N, ν_N, m_N and Ψ_N of clusters with these sums."""
    kappa, nu = prior.kappa + sums.counts, prior.nu + sums.counts
    mean = (prior.kappa * prior.mean + sums.firsts) / kappa[:, None]
    # The same as with S and x̄, without a difference of large numbers for an empty cluster.
    scale = (
        prior.scale
        + sums.seconds
        + prior.kappa * np.outer(prior.mean, prior.mean)
        - kappa[:, None, None] * mean[:, :, None] * mean[:, None, :]
    )
    return Posterior(kappa, nu, mean, scale)


def log_marginal(sums: Sums, prior: Prior) -> Floats:
    """log Λ `[k]`: the log-density of all points of a cluster together, its parameters integrated out."""
    found, dimension = posterior(sums, prior), len(prior.mean)
    gammas = _log_multivariate_gamma(found.nu / 2, dimension) - _log_multivariate_gamma(
        np.array([prior.nu / 2]), dimension
    )
    determinants = (
        prior.nu * np.linalg.slogdet(prior.scale)[1] - found.nu * np.linalg.slogdet(found.scale)[1]
    ) / 2
    spread = dimension / 2 * (math.log(prior.kappa) - np.log(found.kappa))
    total: Floats = -sums.counts * dimension / 2 * math.log(math.pi) + gammas + determinants + spread
    return total


def _log_multivariate_gamma(values: Floats, dimension: int) -> Floats:
    """log Γ_D without the factor π^(D (D - 1) / 4), which cancels in every difference of two."""
    from scipy.special import gammaln

    total: Floats = gammaln(values[:, None] - np.arange(dimension) / 2).sum(axis=1)
    return total
