"""Classifiers beside the pair: naive Bayes with variances per class, and shrinkage discriminant analysis."""

from __future__ import annotations

import numpy as np

from experiments.few_shot.naive_bayes_vs_logistic.naive_bayes import class_means
from experiments.few_shot.naive_bayes_vs_logistic.rules import Features, Labels, LinearRule, Rule
from experiments.few_shot.naive_bayes_vs_logistic.samples import check_sample


def fit_class_specific(features: Features, labels: Labels, classes: int) -> Rule:
    """Naive Bayes with variances of each class: scikit-learn's GaussianNB, quadratic in the features."""
    from sklearn.naive_bayes import GaussianNB

    check_sample(features, labels, classes)
    rule: Rule = GaussianNB().fit(features, labels)
    return rule


def fit_shrinkage_discriminant(features: Features, labels: Labels, classes: int) -> LinearRule:
    """Linear discriminant analysis with one shrunk covariance S: w_k = S^-1 mu_k.

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004, of the
    features less the means of their classes.
    """
    from scipy.linalg import solve
    from sklearn.covariance import ledoit_wolf

    check_sample(features, labels, classes)
    means = class_means(features, labels, classes)
    covariance, _ = ledoit_wolf(features - means[labels], assume_centered=True)
    # Where each class has one example, all is noise-free: any direction is as good, as in the limit of S = 1.
    if not covariance.any():
        covariance = np.eye(len(covariance))
    weights = solve(covariance, means.T, assume_a="pos").T
    priors = np.bincount(labels, minlength=classes) / len(labels)
    return LinearRule(weights, np.log(priors) - (weights * means).sum(axis=1) / 2)
