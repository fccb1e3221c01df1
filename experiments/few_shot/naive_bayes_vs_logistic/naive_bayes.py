"""Multiclass Gaussian naive Bayes with one variance per feature, shared by all classes: a linear classifier.

Zheng, Wu, Bao, Cao, Li, Zhu: Revisiting Discriminative vs. Generative Classifiers: Theory and Implications,
ICML 2023, arXiv:2302.02334. Classes have priors pi_k, means mu_k and the variances sigma_j^2, pooled over
classes with their priors as weights:

    h_k(x) = log pi_k - 1/2 sum_j (x_j - mu_kj)^2 / sigma_j^2

The term of x_j^2 is the same for all classes, so h_k is linear: w_kj = mu_kj / sigma_j^2.
The released code fits by mini-batches with running sums; here all sums are taken at once.
"""

from __future__ import annotations

import numpy as np

from experiments.few_shot.naive_bayes_vs_logistic.rules import Features, Labels, LinearRule
from experiments.few_shot.naive_bayes_vs_logistic.samples import check_sample

ADDED_VARIANCE = 1e-9  # the released code's epsilon


def fit_naive_bayes(
    features: Features, labels: Labels, classes: int, relative_smoothing: float = 0.0
) -> LinearRule:
    """Fit to features `[m, d]` and labels `[m]`; raises BadInputError where a class is missing.

    1e-9 is added to each variance, and `relative_smoothing` times the largest variance of a feature.
    """
    check_sample(features, labels, classes)
    means = class_means(features, labels, classes)
    variance = np.square(features - means[labels], dtype=np.float64).mean(axis=0)
    largest = np.var(features, axis=0, dtype=np.float64).max()
    return linear_rule(means, variance + ADDED_VARIANCE + relative_smoothing * largest, labels)


def fit_nearest_class_mean(features: Features, labels: Labels, classes: int) -> LinearRule:
    """The class whose mean is closest (Euclidean): naive Bayes with one variance for all and equal priors."""
    check_sample(features, labels, classes)
    means = class_means(features, labels, classes)
    return LinearRule(means, -np.square(means).sum(axis=1) / 2)


def class_means(features: Features, labels: Labels, classes: int) -> Features:
    """Float64 `[classes, d]`; every class must be there."""
    members = (labels == np.arange(classes)[:, None]).astype(np.float64)
    means: Features = members @ features / members.sum(axis=1, keepdims=True)
    return means


def linear_rule(means: Features, variance: Features, labels: Labels) -> LinearRule:
    """h_k with the priors of `labels`. Means are taken from their centre first: scores lose no digits."""
    priors = np.bincount(labels, minlength=len(means)) / len(labels)
    centre = means.mean(axis=0)
    weights = (means - centre) / variance
    bias = np.log(priors) - (np.square(means - centre) / variance).sum(axis=1) / 2 - weights @ centre
    return LinearRule(weights, bias)
