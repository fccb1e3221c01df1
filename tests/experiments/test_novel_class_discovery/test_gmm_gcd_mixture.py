"""The Gaussian mixture with labels: sums, prior, marginal likelihood and EM, calculated another way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, multivariate_t
from sklearn.mixture import GaussianMixture

from common.strict import BadInputError
from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import (
    Prior,
    log_marginal,
    posterior,
    prior_of,
)
from experiments.novel_class_discovery.gmm_gcd.mixture import (
    Mixture,
    fit,
    log_densities,
    log_likelihood,
    maximise,
    responsibilities,
)
from experiments.novel_class_discovery.gmm_gcd.monomials import (
    cluster_sums,
    members,
    monomials,
    quadratic,
    sums,
)
from experiments.novel_class_discovery.gmm_gcd.space import Space, principal_components

PRIOR = Prior(np.array([0.1, 0.2, 0.3]), 0.5, 5.0, np.diag([1.0, 2.0, 0.5]) + 0.1)
NO_LABELS = np.empty(0, dtype=np.int64)


def points(count: int = 7, dimension: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimension))


def marginal_point_by_point(rows: np.ndarray, prior: Prior) -> float:
    """The product of predictive densities, multivariate t, each given the points before it."""
    kappa, nu, mean, scale = prior.kappa, prior.nu, prior.mean, prior.scale
    total = 0.0
    for row in rows:
        freedom = round(nu) - len(mean) + 1
        spread = scale * (kappa + 1) / (kappa * freedom)
        total += float(multivariate_t(mean, spread, freedom).logpdf(row))
        scale = scale + kappa / (kappa + 1) * np.outer(row - mean, row - mean)
        mean = (kappa * mean + row) / (kappa + 1)
        kappa, nu = kappa + 1, nu + 1
    return total


def test_sums_are_those_of_each_cluster() -> None:
    rows, clusters = points(), np.array([0, 1, 0, 1, 1, 3, 3])
    found = cluster_sums(monomials(rows), clusters, 4, 3)
    assert found.counts.tolist() == [2, 3, 0, 2]
    assert np.allclose(found.firsts[1], rows[[1, 3, 4]].sum(axis=0))
    assert np.allclose(found.seconds[3], rows[5:].T @ rows[5:])
    assert np.allclose(found.means[2], 0)


def test_sums_of_halves_add_up() -> None:
    table, clusters = monomials(points()), np.array([0, 1, 0, 1, 1, 0, 0])
    both = cluster_sums(table, clusters, 2, 3)
    whole = cluster_sums(table, np.zeros(7, dtype=np.int64), 1, 3)
    added = both.of(np.array([0])) + both.of(np.array([1]))
    assert np.allclose(added.seconds, whole.seconds)


def test_a_quadratic_form_is_a_product_with_monomials() -> None:
    rows, matrix, linear = points(), np.cov(points(20).T), np.array([1.0, -2.0, 3.0])
    found = monomials(rows) @ quadratic(np.array([4.0]), linear[None], matrix[None])
    assert np.allclose(found[:, 0], 4 + rows @ linear + np.einsum("ni,ij,nj->n", rows, matrix, rows))


def test_the_posterior_is_the_published_one() -> None:
    rows = points()
    found = posterior(cluster_sums(monomials(rows), np.zeros(7, dtype=np.int64), 1, 3), PRIOR)
    mean = rows.mean(axis=0)
    scatter = (rows - mean).T @ (rows - mean)
    apart = np.outer(mean - PRIOR.mean, mean - PRIOR.mean)
    assert np.allclose(found.scale[0], PRIOR.scale + scatter + 0.5 * 7 / 7.5 * apart)
    assert np.allclose(found.mean[0], (0.5 * PRIOR.mean + 7 * mean) / 7.5)
    assert (found.kappa[0], found.nu[0]) == (7.5, 12)


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_the_marginal_likelihood_is_the_product_of_predictive_densities(count: int) -> None:
    rows = points(count)
    found = log_marginal(cluster_sums(monomials(rows), np.zeros(count, dtype=np.int64), 1, 3), PRIOR)
    assert found[0] == pytest.approx(marginal_point_by_point(rows, PRIOR))


def test_an_empty_cluster_has_a_marginal_likelihood_of_one() -> None:
    empty = cluster_sums(monomials(points()), np.ones(7, dtype=np.int64), 1, 3)
    assert log_marginal(empty, PRIOR)[0] == pytest.approx(0)


def test_densities_and_responsibilities_are_scikit_learn_s() -> None:
    rows = points(40)
    theirs = GaussianMixture(3, random_state=0, max_iter=20, tol=1e-2).fit(rows)
    mixture = Mixture(theirs.weights_, theirs.means_, theirs.covariances_)
    densities = log_densities(monomials(rows), mixture)
    assert np.allclose(responsibilities(densities, NO_LABELS), theirs.predict_proba(rows))
    assert log_likelihood(densities, NO_LABELS) == pytest.approx(theirs.score(rows))


def test_maximisation_takes_the_mode_component_by_component() -> None:
    rows, weights = points(20), np.random.default_rng(1).dirichlet([1, 1], 20)
    found = maximise(sums(monomials(rows), weights, 3), PRIOR)
    for place in (0, 1):
        share = weights[:, place]
        count, mean = share.sum(), np.average(rows, axis=0, weights=share)
        scatter = (share[:, None] * (rows - mean)).T @ (rows - mean)
        apart = np.outer(mean - PRIOR.mean, mean - PRIOR.mean)
        scale = PRIOR.scale + scatter + 0.5 * count / (0.5 + count) * apart
        assert found.weights[place] == pytest.approx(count / 20)
        assert np.allclose(found.covariances[place], scale / (5 + count + 3 + 2))


def test_labelled_points_stay_in_their_class() -> None:
    rows = np.concatenate([points(30) + 4, points(30, seed=1) - 4])
    labels = np.array([1, 0, 1])  # two of them far from the others of their class
    table = monomials(rows)
    found = fit(table, labels, np.repeat([0, 1], 30), 2, prior_of(rows, 1.0))
    assert found.clusters[:3].tolist() == [1, 0, 1]
    assert (found.clusters[3:30] == 0).all()


def posterior_objective(table: np.ndarray, mixture: Mixture, prior: Prior) -> float:
    """What EM must not lower: the log-likelihood, and the log-density of the prior at the parameters."""
    total = log_likelihood(log_densities(table, mixture), NO_LABELS) * len(table)
    dimension = len(prior.mean)
    for mean, covariance in zip(mixture.means, mixture.covariances, strict=True):
        total += float(multivariate_normal(prior.mean, covariance / prior.kappa).logpdf(mean))
        total -= (prior.nu + dimension + 1) / 2 * float(np.linalg.slogdet(covariance)[1])
        total -= float(np.trace(np.linalg.solve(covariance, prior.scale))) / 2
    return total


@given(st.integers(0, 100))
def test_no_iteration_lowers_the_posterior(seed: int) -> None:
    rows = np.concatenate([points(15, 2, seed), points(15, 2, seed + 1) + 2])
    table, prior = monomials(rows), prior_of(rows, 0.5)
    shares = members(np.random.default_rng(seed).integers(3, size=30), 3)
    before = -np.inf
    for _ in range(5):
        mixture = maximise(sums(table, shares, 2), prior)
        after = posterior_objective(table, mixture, prior)
        assert after >= before - 1e-8
        before, shares = after, responsibilities(log_densities(table, mixture), NO_LABELS)


def test_covariances_stay_regular_where_points_lie_on_a_line() -> None:
    along = np.linspace(-1, 1, 20)
    rows = np.stack([along, along], axis=1)
    found = fit(monomials(rows), NO_LABELS, (along > 0).astype(np.int64), 2, prior_of(rows, 0.1))
    assert np.isfinite(found.objectives).all()
    assert (np.linalg.eigvalsh(found.mixture.covariances) > 0).all()


def test_what_clusters_cannot_be_found_in_is_refused_in_a_sentence() -> None:
    rows = points()
    with pytest.raises(BadInputError, match="7 points can't fill 8 components"):
        fit(monomials(rows), NO_LABELS, np.zeros(7, dtype=np.int64), 8, PRIOR)
    with pytest.raises(BadInputError, match="All 4 features are the same"):
        prior_of(np.full((4, 3), 0.1), 1.0)
    with pytest.raises(BadInputError, match="All 4 features are the same"):
        principal_components(np.full((4, 3), 0.1), 2)
    with pytest.raises(BadInputError, match="NaN"):
        Space.of(np.array([[np.nan, 1.0], [0.0, 1.0]]), NO_LABELS, 1.0)
    with pytest.raises(BadInputError, match="set it above 0"):
        prior_of(rows, 0.0)
    with pytest.raises(BadInputError, match="set 'dimension' to one of 1 to 3"):
        principal_components(rows, 4)


def test_principal_components_keep_distances_and_leave_empty_directions_out() -> None:
    rows = points(20, 2) @ np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]])
    found = principal_components(rows, 3)
    assert found.shape == (20, 2)
    between = np.linalg.norm(rows[:, None] - rows, axis=2)
    assert np.allclose(np.linalg.norm(found[:, None] - found, axis=2), between)
    assert found[:, 0].var() >= found[:, 1].var()
