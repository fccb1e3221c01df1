"""Naive Bayes and its rivals: values by hand, other libraries' answers, and what must not matter."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.strict import BadInputError
from experiments.few_shot.naive_bayes_vs_logistic.baselines import (
    fit_class_specific,
    fit_shrinkage_discriminant,
)
from experiments.few_shot.naive_bayes_vs_logistic.classifiers import ClassifierSettings, Kind
from experiments.few_shot.naive_bayes_vs_logistic.logistic import (
    balanced_folds,
    fit_logistic,
    fit_logistic_chosen,
    fit_logistic_optimum,
)
from experiments.few_shot.naive_bayes_vs_logistic.naive_bayes import (
    ADDED_VARIANCE,
    fit_naive_bayes,
    fit_nearest_class_mean,
)
from experiments.few_shot.naive_bayes_vs_logistic.rules import LinearRule, error_percent

KINDS = get_args(Kind)
BY_HAND = np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 1.0], [6.0, 3.0], [5.0, 2.0], [5.0, 2.0]])
BY_HAND_LABELS = np.array([0, 0, 1, 1, 1, 1])


def blobs(size: int, classes: int = 3, features: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = np.arange(size) % classes
    centres = 2 * np.random.default_rng(7).normal(size=(classes, features))
    scales = np.linspace(0.5, 2, features)
    return centres[labels] + scales * generator.normal(size=(size, features)), labels


def test_naive_bayes_by_hand() -> None:
    """Means (1, 0) and (5, 2); pooled squares 4/6 = 2/3 and 2/6 = 1/3; priors 1/3, 2/3.

    At (3, 1): -1/2 (4 / (2/3) + 1 / (1/3)) = -4.5 for both, so that priors decide, by ln 2.
    """
    rule = fit_naive_bayes(BY_HAND, BY_HAND_LABELS, 2)
    low, high = rule.scores(np.array([[3.0, 1.0]]))[0]
    assert high - low == pytest.approx(math.log(2))
    # A unit along the first feature adds (5 - 1) / (2/3) = 6, one along the second 2 / (1/3) = 6.
    difference = rule.weights[1] - rule.weights[0]
    np.testing.assert_allclose(difference, [4 / (2 / 3 + ADDED_VARIANCE), 2 / (1 / 3 + ADDED_VARIANCE)])


def test_naive_bayes_agrees_with_gaussian_naive_bayes_where_variances_are_equal() -> None:
    """scikit-learn's has a variance for each class: mirrored classes of equal spread have the same."""
    from sklearn.naive_bayes import GaussianNB

    noise = np.random.default_rng(1).normal(size=(40, 5))
    features = np.concatenate([noise, 1.5 - noise])
    labels = np.repeat([0, 1], 40)
    ours = fit_naive_bayes(features, labels, 2)
    theirs = GaussianNB(var_smoothing=0.0).fit(features, labels)
    points = 2 * np.random.default_rng(2).normal(size=(300, 5))
    np.testing.assert_allclose(
        np.diff(ours.scores(points))[:, 0],
        np.diff(theirs.predict_joint_log_proba(points))[:, 0],
        rtol=1e-5,
        atol=1e-6,
    )


def test_naive_bayes_is_discriminant_analysis_with_a_diagonal_covariance() -> None:
    """On features whose pooled covariance is diagonal, scikit-learn's LDA is the same rule."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    features, labels = blobs(90)
    means = np.stack([features[labels == label].mean(axis=0) for label in range(3)])
    residuals = features - means[labels]
    whitened = residuals @ np.linalg.inv(np.linalg.cholesky(residuals.T @ residuals / 90)).T * [1, 2, 3, 4]
    features = means[labels] + whitened
    ours = fit_naive_bayes(features, labels, 3)
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(features, labels)
    points = 3 * np.random.default_rng(2).normal(size=(300, 4))
    scores = theirs.decision_function(points)
    np.testing.assert_allclose(np.diff(ours.scores(points)), np.diff(scores), rtol=1e-6, atol=1e-6)


def test_equal_variances_and_priors_make_the_nearest_class_mean() -> None:
    features, labels = blobs(30)
    residuals = features - np.stack([features[labels == label].mean(axis=0) for label in range(3)])[labels]
    features = features - residuals + residuals / residuals.std(axis=0)
    points = 3 * np.random.default_rng(2).normal(size=(200, 4))
    nearest = fit_nearest_class_mean(features, labels, 3).predict(points)
    np.testing.assert_array_equal(fit_naive_bayes(features, labels, 3).predict(points), nearest)


def test_smoothing_to_the_limit_makes_the_nearest_class_mean() -> None:
    features, labels = blobs(30)
    points = 3 * np.random.default_rng(2).normal(size=(200, 4))
    smoothed = fit_naive_bayes(features, labels, 3, relative_smoothing=1e9)
    nearest = fit_nearest_class_mean(features, labels, 3)
    by_means = LinearRule(smoothed.weights, smoothed.bias - np.log(1 / 3))
    np.testing.assert_array_equal(by_means.predict(points), nearest.predict(points))


def test_shrinkage_vanishes_with_many_examples() -> None:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    features, labels = blobs(60_000)
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(features, labels)
    points, _ = blobs(2000, seed=5)
    agreement = fit_shrinkage_discriminant(features, labels, 3).predict(points) == theirs.predict(points)
    assert agreement.mean() > 0.999


def test_one_example_per_class_leaves_the_nearest_one() -> None:
    features, labels = blobs(3)
    points, _ = blobs(60, seed=1)
    nearest = fit_nearest_class_mean(features, labels, 3).predict(points)
    np.testing.assert_array_equal(fit_shrinkage_discriminant(features, labels, 3).predict(points), nearest)


@pytest.mark.parametrize("size", [12, 60])
def test_the_optimum_of_logistic_regression_has_no_gradient(size: int) -> None:
    """Fewer examples than features, and more: w_k = C sum_i (1[y_i = k] - p_ik) x_i; for the bias, 0."""
    features, labels = blobs(size, features=20)
    penalty = 0.7
    rule = fit_logistic_optimum(features, labels, 3, penalty)
    scores = rule.scores(features)
    probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    missing = np.eye(3)[labels] - probabilities
    np.testing.assert_allclose(rule.weights, penalty * missing.T @ features, atol=1e-5)
    np.testing.assert_allclose(missing.sum(axis=0), 0, atol=1e-5)


def test_two_classes_have_two_rows_of_scores() -> None:
    from sklearn.linear_model import LogisticRegression

    features, labels = blobs(40, classes=2)
    rule = fit_logistic(features, labels, 2)
    model = LogisticRegression(max_iter=1000).fit(features, labels)
    assert rule.weights.shape == (2, 4)
    np.testing.assert_array_equal(rule.predict(features), model.predict(features))
    np.testing.assert_allclose(np.diff(rule.scores(features))[:, 0], model.decision_function(features))


def test_folds_are_balanced_in_size_and_class() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [7, 5, 9]))
    folds = balanced_folds(labels, 3)
    assert np.bincount(folds).tolist() == [7, 7, 7]
    for label in range(3):
        assert np.ptp(np.bincount(folds[labels == label], minlength=3)) <= 1


def test_the_chosen_penalty_is_one_of_the_grid() -> None:
    """Pure noise under a strong and a weak penalty: what cross-validation prefers is what is fitted."""
    features, labels = blobs(60)
    chosen = fit_logistic_chosen(features, labels, 3, [1e-6, 1.0], 3)
    np.testing.assert_allclose(chosen.weights, fit_logistic(features, labels, 3, 1.0).weights)
    constant = fit_logistic_chosen(np.zeros((60, 4)), labels, 3, [1.0, 1e-6], 3)
    np.testing.assert_allclose(constant.weights, 0, atol=1e-12)


@settings(max_examples=20)
@given(kind=st.sampled_from(KINDS), order=st.permutations(range(3)), seed=st.integers(0, 100))
def test_names_of_classes_do_not_matter(kind: str, order: list[int], seed: int) -> None:
    features, labels = blobs(60, seed=seed)
    points, _ = blobs(100, seed=1000)
    fit = ClassifierSettings(kind=kind).fit()  # type: ignore[arg-type]
    renamed = np.array(order)
    agreement = renamed[fit(features, labels, 3).predict(points)] == fit(
        features, renamed[labels], 3
    ).predict(points)
    # Solvers stop near the optimum, not at it: a point on the border may change sides.
    assert agreement.mean() >= (0.97 if kind.startswith("logistic") else 1.0)


@settings(max_examples=20)
@given(
    kind=st.sampled_from(["naive_bayes", "nearest_class_mean", "class_specific"]), seed=st.integers(0, 100)
)
def test_every_example_twice_changes_nothing(kind: str, seed: int) -> None:
    features, labels = blobs(30, seed=seed)
    points, _ = blobs(100, seed=1000)
    fit = ClassifierSettings(kind=kind).fit()  # type: ignore[arg-type]
    twice = fit(np.concatenate([features, features]), np.concatenate([labels, labels]), 3)
    np.testing.assert_array_equal(fit(features, labels, 3).predict(points), twice.predict(points))


@settings(max_examples=20)
@given(seed=st.integers(0, 100))
def test_every_example_twice_is_twice_the_weight(seed: int) -> None:
    features, labels = blobs(30, seed=seed)
    twice = fit_logistic_optimum(np.concatenate([features] * 2), np.concatenate([labels] * 2), 3, 0.5)
    np.testing.assert_allclose(
        twice.weights, fit_logistic_optimum(features, labels, 3, 1.0).weights, atol=1e-4
    )


@given(shift=st.floats(-100, 100), scale=st.floats(0.1, 10))
def test_units_do_not_matter_to_naive_bayes(shift: float, scale: float) -> None:
    features, labels = blobs(60)
    points, _ = blobs(100, seed=3)
    moved = fit_naive_bayes(scale * features + shift, labels, 3).predict(scale * points + shift)
    np.testing.assert_array_equal(moved, fit_naive_bayes(features, labels, 3).predict(points))


@pytest.mark.parametrize("kind", KINDS)
def test_constant_features_change_nothing_and_raise_no_warning(kind: str) -> None:
    features, labels = blobs(30)
    points, truth = blobs(200, seed=1)
    fit = ClassifierSettings(kind=kind).fit()  # type: ignore[arg-type]
    constant = np.concatenate([features, np.full((30, 1), 3.0)], axis=1)
    more = np.concatenate([points, np.full((200, 1), 3.0)], axis=1)
    alone = error_percent(fit(features, labels, 3), points, truth)
    assert error_percent(fit(constant, labels, 3), more, truth) == pytest.approx(alone, abs=2)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_learned_from_is_said(kind: str) -> None:
    fit = ClassifierSettings(kind=kind).fit()  # type: ignore[arg-type]
    features, labels = blobs(9)
    with pytest.raises(BadInputError, match=r"The sample of 6 has no example of class 1; draw again"):
        fit(features[labels != 1], labels[labels != 1], 3)
    with pytest.raises(BadInputError, match=r"A sample of 2 can't hold an example of each of 3 classes"):
        fit(features[:2], labels[:2], 3)
    spoilt = features.copy()
    spoilt[4, 2] = np.nan
    with pytest.raises(BadInputError, match=r"1 of 9 feature vectors hold NaN or infinity"):
        fit(spoilt, labels, 3)
    with pytest.raises(BadInputError, match=r"shape \[9, 4\] don't go with 5 labels"):
        fit(features, labels[:5], 3)


def test_more_folds_than_examples_are_refused() -> None:
    with pytest.raises(BadInputError, match=r"3 examples don't make 4 folds"):
        balanced_folds(np.arange(3), 4)


def test_class_specific_variances_separate_what_no_line_does() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(400) % 2
    features = generator.normal(size=(400, 3)) * np.where(labels, 5.0, 0.5)[:, None]
    assert error_percent(fit_class_specific(features, labels, 2), features, labels) < 10
    assert error_percent(fit_naive_bayes(features, labels, 2), features, labels) > 20
