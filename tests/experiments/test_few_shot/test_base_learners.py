"""Base learners on frozen features, beside scikit-learn's and worked out by hand."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from torch import Tensor

from common.strict import BadInputError
from experiments.few_shot.baselines import (
    logistic_regression,
    nearest_class_mean,
    nearest_neighbour,
    rank_voting,
    regression_and_neighbours,
    ridge_regression,
    soft_neighbours,
)
from experiments.few_shot.features import EpisodeBatch, normalised
from experiments.few_shot.multinomial import fit, sum_zero_basis

LEARNERS = [
    logistic_regression,
    nearest_class_mean,
    nearest_neighbour,
    rank_voting,
    regression_and_neighbours,
    ridge_regression,
    soft_neighbours,
]


def tasks(dimension: int = 12, shots: int = 3, scale: float = 1.0, ways: int = 4) -> EpisodeBatch:
    """Six tasks of overlapping classes."""
    generator = torch.Generator().manual_seed(dimension)
    centres = torch.randn(6, ways, 1, dimension, generator=generator, dtype=torch.float64)
    support = centres + torch.randn(6, ways, shots, dimension, generator=generator, dtype=torch.float64)
    queries = centres + torch.randn(6, ways, 5, dimension, generator=generator, dtype=torch.float64)
    labels = torch.arange(ways).repeat_interleave(shots)
    return EpisodeBatch(scale * support.flatten(1, 2), labels, scale * queries.flatten(1, 2))


def predictions(learner: ModuleType, batch: EpisodeBatch) -> Tensor:
    scores: Tensor = learner.classify(*batch)
    return scores.argmax(-1)


@pytest.mark.parametrize("dimension", [3, 40])  # fewer and more features than examples
@pytest.mark.parametrize(("shots", "scale"), [(1, 0.1), (5, 1.0), (5, 20.0)])
def test_logistic_regression_is_at_scikit_learn_s_optimum(dimension: int, shots: int, scale: float) -> None:
    batch = tasks(dimension, shots, scale)
    found = fit(batch.support, batch.labels, strength=1.0)
    for task, support in enumerate(batch.support.numpy()):
        oracle = LogisticRegression(C=1.0, tol=1e-9, max_iter=100_000).fit(support, batch.labels.numpy())
        assert found.weights[task].numpy() == pytest.approx(oracle.coef_, abs=2e-4)
        probabilities = found.logits(batch.queries)[task].softmax(-1).numpy()
        assert probabilities == pytest.approx(oracle.predict_proba(batch.queries[task].numpy()), abs=1e-3)


def test_the_gradient_is_zero_at_the_optimum_of_repeated_examples() -> None:
    """Copies make the support's span smaller than their number."""
    once = tasks(shots=2)
    batch = EpisodeBatch(once.support.repeat_interleave(5, 1), once.labels.repeat_interleave(5), once.queries)
    found = fit(batch.support, batch.labels, strength=0.7)
    residual = found.logits(batch.support).softmax(-1) - torch.nn.functional.one_hot(batch.labels)
    assert (found.weights + 0.7 * residual.mT @ batch.support).abs().max() < 1e-6
    assert residual.sum(1).abs().max() < 1e-6  # the free bias
    weighted = fit(once.support, once.labels, strength=3.5)
    assert torch.allclose(found.weights, weighted.weights, atol=1e-6)


def test_the_basis_is_orthonormal_and_sums_to_zero() -> None:
    basis = sum_zero_basis(5)
    assert torch.allclose(basis.T @ basis, torch.eye(4, dtype=torch.float64))
    assert basis.sum(0).abs().max() < 1e-12


@pytest.mark.parametrize(
    ("learner", "oracle"),
    [
        (nearest_class_mean, NearestCentroid()),
        (nearest_neighbour, KNeighborsClassifier(1)),
    ],
)
def test_nearest_rules_predict_as_scikit_learn_s(learner: ModuleType, oracle: Any) -> None:
    batch = tasks()
    for task, predicted in enumerate(predictions(learner, batch)):
        oracle.fit(batch.support[task].numpy(), batch.labels.numpy())
        assert np.array_equal(predicted.numpy(), oracle.predict(batch.queries[task].numpy()))


def test_ridge_regression_is_scikit_learn_s_without_intercept() -> None:
    batch = tasks()
    targets = torch.eye(4, dtype=torch.float64)[batch.labels].numpy()
    for task, scores in enumerate(ridge_regression.classify(*batch)):
        oracle = Ridge(alpha=1.0, fit_intercept=False).fit(batch.support[task].numpy(), targets)
        assert scores.numpy() == pytest.approx(oracle.predict(batch.queries[task].numpy()), abs=1e-9)


@pytest.mark.parametrize("neighbours", [1, 5, 100])
def test_soft_votes_are_scikit_learn_s_with_such_weights(neighbours: int) -> None:
    batch, temperature = tasks(scale=0.3), 0.7
    found = soft_neighbours.soft_votes(*batch, neighbours, temperature)
    oracle = KNeighborsClassifier(min(neighbours, 12), weights=lambda d: np.exp(-(d**2) / temperature))
    for task, votes in enumerate(found):
        oracle.fit(batch.support[task].numpy(), batch.labels.numpy())
        assert votes.numpy() == pytest.approx(oracle.predict_proba(batch.queries[task].numpy()), abs=1e-9)


def test_a_mixture_lies_between_its_parts() -> None:
    batch = tasks()
    mixed, voted = (rule.classify(*batch) for rule in (regression_and_neighbours, soft_neighbours))
    regressed = logistic_regression.classify(*batch).softmax(-1)
    share = regression_and_neighbours.SHARE
    assert torch.allclose(mixed, share * voted + (1 - share) * regressed)
    assert torch.allclose(mixed.sum(-1), torch.ones(()).double())


def test_distances_worked_out_by_hand() -> None:
    support = torch.tensor([[[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [0.0, 4.0]]])
    labels, query = torch.tensor([0, 0, 1, 1]), torch.tensor([[[1.0, 2.0]]])
    assert nearest_class_mean.classify(support, labels, query).tolist() == [[[-4.0, -5.0]]]
    assert nearest_neighbour.classify(support, labels, query).tolist() == [[[-5.0, -5.0]]]


@pytest.mark.parametrize("learner", LEARNERS)
def test_renaming_the_classes_renames_the_answers(learner: ModuleType) -> None:
    batch = tasks()
    renamed = torch.tensor([2, 0, 3, 1])
    answers = predictions(learner, batch._replace(labels=renamed[batch.labels]))
    assert torch.equal(answers, renamed[predictions(learner, batch)])


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_order_of_the_support_does_not_matter(learner: ModuleType) -> None:
    batch = tasks()
    order = torch.randperm(len(batch.labels), generator=torch.Generator().manual_seed(0))
    shuffled = batch._replace(support=batch.support[:, order], labels=batch.labels[order])
    assert torch.allclose(learner.classify(*shuffled), learner.classify(*batch), atol=1e-5)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_query_is_classified_by_itself(learner: ModuleType) -> None:
    """Inductive: its answer doesn't hang on the other queries."""
    batch = tasks()
    alone = [learner.classify(*batch._replace(queries=query[:, None])) for query in batch.queries.unbind(1)]
    assert torch.allclose(torch.cat(alone, dim=1), learner.classify(*batch), atol=1e-9)


def test_one_shot_class_mean_is_the_nearest_neighbour() -> None:
    batch = tasks(shots=1)
    means = nearest_class_mean.classify(*batch)
    assert torch.allclose(means, nearest_neighbour.classify(*batch), atol=1e-9)


def test_the_neighbour_of_unit_features_is_the_cosine_neighbour() -> None:
    batch = tasks()
    unit = [normalised(part, "unit", torch.zeros(12)) for part in (batch.support, batch.queries)]
    found = predictions(nearest_neighbour, EpisodeBatch(unit[0], batch.labels, unit[1]))
    for task in range(len(found)):
        oracle = KNeighborsClassifier(1, metric="cosine").fit(batch.support[task], batch.labels)
        assert np.array_equal(found[task].numpy(), oracle.predict(batch.queries[task]))


def test_features_are_centred_on_the_base_mean_before_they_are_normalised() -> None:
    features, mean = torch.tensor([[3.0, 5.0], [1.0, 1.0]]), torch.tensor([0.0, 1.0])
    assert torch.allclose(normalised(features, "centred_unit", mean), torch.tensor([[0.6, 0.8], [1.0, 0.0]]))
    assert torch.equal(normalised(features, "raw", mean), features)


def test_features_that_are_not_finite_are_refused() -> None:
    broken = torch.tensor([[float("nan"), 1.0]])
    with pytest.raises(BadInputError, match="not finite"):
        normalised(broken, "raw", torch.zeros(2))
    with pytest.raises(BadInputError, match="not finite"):
        fit(broken[None], torch.tensor([0]), 1.0)


def test_an_unknown_normalisation_is_met_with_a_suggestion() -> None:
    with pytest.raises(BadInputError, match=r"no 'units' features\. Did you mean 'unit'"):
        normalised(torch.ones(1, 2), "units", torch.zeros(2))
