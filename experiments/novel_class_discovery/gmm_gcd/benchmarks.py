"""Benchmarks of EM and of splits, for all components at once, beside loops over components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import Prior
    from experiments.novel_class_discovery.gmm_gcd.mixture import Mixture

    Floats = NDArray[np.float64]

COMPONENTS, DIMENSION = 20, 16


def em_by_components(points: Floats, shares: Floats, prior: Prior) -> Floats:
    """One iteration from the responsibilities `shares` `[n, k]` to the next, a component at a time."""
    import numpy as np
    from scipy.special import logsumexp
    from scipy.stats import multivariate_normal

    columns = []
    for share in shares.T:
        count, kappa = share.sum(), prior.kappa + share.sum()
        mean = (prior.kappa * prior.mean + share @ points) / kappa
        average = share @ points / count
        apart = average - prior.mean
        scale = prior.scale + np.cov(points.T, aweights=share, ddof=0) * count
        scale = scale + prior.kappa * count / kappa * np.outer(apart, apart)
        covariance = scale / (prior.nu + count + DIMENSION + 2)
        columns.append(np.log(count / len(points)) + multivariate_normal(mean, covariance).logpdf(points))
    densities = np.stack(columns, axis=1)
    found: Floats = np.exp(densities - logsumexp(densities, axis=1, keepdims=True))
    return found


def ratios_by_clusters(points: Floats, places: NDArray[np.int64], prior: Prior) -> Floats:
    """log H_split `[k]` of clusters whose halves have the places 2 k and 2 k + 1, a cluster at a time."""
    import numpy as np
    from scipy.special import gammaln

    found = np.empty(COMPONENTS)
    for cluster in range(COMPONENTS):
        first, second = (points[places == 2 * cluster + half] for half in (0, 1))
        whole = np.concatenate([first, second])
        found[cluster] = gammaln(len(first)) + gammaln(len(second)) - gammaln(len(whole))
        found[cluster] += log_marginal_of(first, prior) + log_marginal_of(second, prior)
        found[cluster] -= log_marginal_of(whole, prior)
    return found


def log_marginal_of(rows: Floats, prior: Prior) -> float:
    """log Λ of the rows of one cluster, as it is published, with scipy's multivariate gamma."""
    import numpy as np
    from scipy.special import multigammaln

    count, dimension = rows.shape
    kappa, nu = prior.kappa + count, prior.nu + count
    mean = rows.mean(axis=0)
    apart = mean - prior.mean
    scale = prior.scale + (rows - mean).T @ (rows - mean)
    scale = scale + prior.kappa * count / kappa * np.outer(apart, apart)
    return float(
        -count * dimension / 2 * np.log(np.pi)
        + multigammaln(nu / 2, dimension)
        - multigammaln(prior.nu / 2, dimension)
        + prior.nu / 2 * np.linalg.slogdet(prior.scale)[1]
        - nu / 2 * np.linalg.slogdet(scale)[1]
        + dimension / 2 * np.log(prior.kappa / kappa)
    )


def _made_up(count: int) -> tuple[Floats, NDArray[np.int64]]:
    import numpy as np

    generator = np.random.default_rng(0)
    clusters = np.arange(count) % COMPONENTS
    centres = 3 * generator.normal(size=(COMPONENTS, DIMENSION))
    return centres[clusters] + generator.normal(size=(count, DIMENSION)), clusters


def _em(count: int) -> Ways:
    import numpy as np

    from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import prior_of
    from experiments.novel_class_discovery.gmm_gcd.mixture import log_densities, maximise, responsibilities
    from experiments.novel_class_discovery.gmm_gcd.monomials import monomials, sums

    points, clusters = _made_up(count)
    noise = np.random.default_rng(1).dirichlet(np.ones(COMPONENTS), count)
    shares = 0.8 * np.eye(COMPONENTS)[clusters] + 0.2 * noise
    prior, table = prior_of(points, 1.0), monomials(points)

    def ours() -> Floats:
        mixture: Mixture = maximise(sums(table, shares, DIMENSION), prior)
        return responsibilities(log_densities(table, mixture), np.empty(0, dtype=np.int64))

    return Ways(usual=lambda: em_by_components(points, shares, prior), ours=ours)


def _ratios(count: int) -> Ways:
    import numpy as np

    from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import prior_of
    from experiments.novel_class_discovery.gmm_gcd.monomials import cluster_sums, monomials
    from experiments.novel_class_discovery.gmm_gcd.moves import log_split_ratio

    points, clusters = _made_up(max(count, 2 * COMPONENTS))  # no half is empty
    places = 2 * clusters + np.arange(len(points)) // COMPONENTS % 2
    prior, table = prior_of(points, 1.0), monomials(points)

    def ours() -> Floats:
        both = cluster_sums(table, places, 2 * COMPONENTS, DIMENSION)
        first, second = (both.of(np.arange(half, 2 * COMPONENTS, 2)) for half in (0, 1))
        return log_split_ratio(first, second, prior)

    return Ways(usual=lambda: ratios_by_clusters(points, places, prior), ours=ours)


REMARK = "The table of monomials, made once for all iterations, isn't counted; it takes about as long as one."
BENCHMARKS = [
    Pair(
        "mixture_em",
        "a component at a time, numpy and scipy",
        "one product for all",
        _em,
        [1500],
        "points",
        1e-8,
        REMARK,
    ),
    Pair(
        "split_ratios", "a cluster at a time", "sums of all halves", _ratios, [1500], "points", 1e-6, REMARK
    ),
]
