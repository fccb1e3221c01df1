"""A Gaussian mixture some of whose points have labels, by expectation and maximisation.

Zhao, Wen, Han, "Learning Semi-supervised Gaussian Mixture Models for Generalized Category Discovery" (ICCV
2023, arXiv:2305.06144), section 3: the first components stand for the known classes, and a labelled point
belongs to that of its class. With the prior of `inverse_wishart`, maximisation takes its mode:
μ = m_N, Σ = Ψ_N / (ν_N + D + 2), and the share N_k / N as weight.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import Floats, Prior, posterior
from experiments.novel_class_discovery.gmm_gcd.monomials import Sums, Table, members, quadratic, sums

NOTHING = 1e-30  # the share of a point that is left out
TINY = np.finfo(np.float64).tiny  # the weight of an empty component, whose logarithm must be finite


class Mixture(NamedTuple):
    """Weights `[k]`, means `[k, d]` and covariances `[k, d, d]` of the components."""

    weights: Floats
    means: Floats
    covariances: Floats


class Fit(NamedTuple):
    """A mixture, the component of each point `[n]`, and the mean log-likelihood after each iteration."""

    mixture: Mixture
    clusters: Labels
    objectives: list[float]


def maximise(found: Sums, prior: Prior) -> Mixture:
    """The mode of the posterior, given the sums of the points under their responsibilities."""
    after = posterior(found, prior)
    covariances = after.scale / (after.nu + len(prior.mean) + 2)[:, None, None]
    return Mixture(found.counts / found.counts.sum(), after.mean, covariances)


def log_densities(table: Table, mixture: Mixture) -> Floats:
    """log π_k + log N(x; μ_k, Σ_k), `[n, k]`, from a table of monomials of the points."""
    precisions = np.linalg.inv(mixture.covariances)
    linear = np.einsum("kij,kj->ki", precisions, mixture.means)
    dimension = mixture.means.shape[1]
    constant = (
        np.log(np.maximum(mixture.weights, TINY))
        - dimension / 2 * math.log(2 * math.pi)
        - np.linalg.slogdet(mixture.covariances)[1] / 2
        - (linear * mixture.means).sum(axis=1) / 2
    )
    densities: Floats = table @ quadratic(constant, linear, -precisions / 2)
    return densities


def responsibilities(densities: Floats, labels: Labels) -> Floats:
    """How much of each point belongs to each component `[n, k]`; the first points wholly to their label's."""
    highest = densities.max(axis=1, keepdims=True)
    shares: Floats = np.exp(densities - highest)
    shares[shares < NOTHING] = 0  # a processor takes many times as long over subnormal numbers
    shares /= shares.sum(axis=1, keepdims=True)
    shares[: len(labels)] = members(labels, densities.shape[1])
    return shares


def log_likelihood(densities: Floats, labels: Labels) -> float:
    """Mean over points of log p(x), and of log p(x, y) for the first ones, whose labels are known."""
    unlabelled = densities[len(labels) :]
    highest = unlabelled.max(axis=1)
    total = (highest + np.log(np.exp(unlabelled - highest[:, None]).sum(axis=1))).sum()
    total += densities[np.arange(len(labels)), labels].sum()
    return float(total) / len(densities)


def fit(
    table: Table,
    labels: Labels,
    clusters: Labels,
    number: int,
    prior: Prior,
    iterations: int = 50,
    tolerance: float = 1e-4,
) -> Fit:
    """Alternate from a first partition until the mean log-likelihood gains less than `tolerance`.

    Args:
        table: monomials of the points, labelled ones first.
        labels: of these, from 0; components below the number of known classes are theirs.
        clusters: the component that each point begins in, `[n]`.
        number: of components.
        prior: of every component.
        iterations: at most so many.
        tolerance: in nats per point.

    Raises:
        BadInputError: where there are more components than points.
    """
    if number > len(table):
        raise BadInputError(f"{len(table)} points can't fill {number} components; lower their number.")
    dimension = len(prior.mean)
    shares, objectives = members(clusters, number), [-math.inf]
    for _ in range(iterations):
        mixture = maximise(sums(table, shares, dimension), prior)
        densities = log_densities(table, mixture)
        objectives.append(log_likelihood(densities, labels))
        shares = responsibilities(densities, labels)
        if objectives[-1] - objectives[-2] < tolerance:
            break
    return Fit(mixture, np.argmax(shares, axis=1), objectives[1:])
