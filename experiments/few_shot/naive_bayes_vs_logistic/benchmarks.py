"""Benchmarks of naive Bayes as a linear rule, beside the densities that it is derived from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    from experiments.few_shot.naive_bayes_vs_logistic.rules import Features, Labels

CLASSES, FEATURES, TESTED = 10, 784, 2000  # Fashion-MNIST's pixels


def classified_by_densities(features: Features, labels: Labels, points: Features) -> Labels:
    """The most likely class of each point `[n]`, by the log-density of each class in turn."""
    import numpy as np
    from scipy.stats import norm

    members = [features[labels == label] for label in range(CLASSES)]
    variance = sum(len(each) * each.var(axis=0) for each in members) / len(features) + 1e-9
    scores = [
        np.log(len(each) / len(features))
        + norm.logpdf(points, each.mean(axis=0), np.sqrt(variance)).sum(axis=1)
        for each in members
    ]
    chosen: Labels = np.argmax(scores, axis=0)
    return chosen


def _fit_and_predict(count: int) -> Ways:
    import numpy as np

    from experiments.few_shot.naive_bayes_vs_logistic.naive_bayes import fit_naive_bayes

    generator = np.random.default_rng(0)
    labels = np.arange(count) % CLASSES
    centres = generator.normal(size=(CLASSES, FEATURES))
    features = centres[labels] + generator.normal(size=(count, FEATURES))
    points = generator.normal(size=(TESTED, FEATURES))
    return Ways(
        usual=lambda: classified_by_densities(features, labels, points),
        ours=lambda: fit_naive_bayes(features, labels, CLASSES).predict(points),
    )


BENCHMARKS = [
    Pair(
        "naive_bayes",
        "a density per class, scipy",
        "one linear rule",
        _fit_and_predict,
        [1000],
        "examples",
    )
]
