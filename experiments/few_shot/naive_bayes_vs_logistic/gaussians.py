"""The simulation's classes: Gaussians of one covariance, their means along one line, and their Bayes error.

Section 5.1 of Zheng et al. 2023 and its released code: every feature of class 0 has the mean -1, of class
k >= 1 the mean 2^(k-1). Covariances:

- easy: diagonal; the first half of the features has the variance n, the rest 1. Naive Bayes is correct.
- hard: easy, plus what lies off the diagonal of A^T A, A uniform in (-1, 1). That matrix isn't positive
  semi-definite, and numpy's sampler, which the released code calls, draws from the one with the absolute
  values of its eigenvalues. That one is built here, so that its Bayes error can be told.
- fixed_bayes (ours): easy, with the means scaled by sqrt((n_0 + 1) / (n + 1)), so that the Bayes error is
  that of n_0 = 10 features at every n. In the published ones it falls with n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from common.strict import BadInputError
from experiments.few_shot.naive_bayes_vs_logistic.rules import Features, Labels

Covariance = Literal["easy", "hard", "fixed_bayes"]

FEATURES_OF_FIXED_ERROR = 10  # two classes of the published means have a Bayes error of 0.95 % there


@dataclass(frozen=True)
class Mixture:
    """Equally likely classes; class k has the mean `levels[k]` in every feature.

    Attributes:
        levels: `[classes]`, ascending.
        variances: `[n]`, where the covariance is diagonal, or the eigenvalues in the columns of `axes`.
        axes: orthonormal `[n, n]`, or None for a diagonal covariance.
    """

    levels: Features
    variances: Features
    axes: Features | None = None

    @property
    def classes(self) -> int:
        """How many."""
        return len(self.levels)

    def sample(self, labels: Labels, generator: np.random.Generator) -> Features:
        """A float64 feature vector for each label, `[m, n]`."""
        noise = generator.standard_normal((len(labels), len(self.variances))) * np.sqrt(self.variances)
        if self.axes is not None:
            noise = noise @ self.axes.T
        return noise + self.levels[labels][:, None]

    def separation(self) -> float:
        """sqrt(1' S^-1 1): standard deviations between two classes whose levels are one apart.

        sqrt((n + 1) / 2) for the easy covariance.
        """
        along = np.ones(len(self.variances)) if self.axes is None else self.axes.sum(axis=0)
        return math.sqrt((along**2 / self.variances).sum())

    def bayes_error_percent(self) -> float:
        """The least error of any classifier.

        The best one looks at S^-1 1 . x alone, in which neighbours `gap` apart are mistaken for each other,
        in either direction, with the probability Phi(-gap * separation / 2): (2 / K) sum over neighbours.
        """
        gaps = np.diff(self.levels)
        mistaken = [math.erfc(gap * self.separation() / 2 / math.sqrt(2)) / 2 for gap in gaps]
        return 100 * 2 / self.classes * sum(mistaken)


def published_levels(classes: int) -> Features:
    """-1, 1, 2, 4, 8, … `[classes]`; raises BadInputError for fewer than two classes."""
    if classes < 2:
        raise BadInputError(f"The simulation has two classes or more, not {classes}; raise 'classes'.")
    return np.array([-1.0, *(2.0**k for k in range(classes - 1))])


def mixture(covariance: Covariance, classes: int, features: int) -> Mixture:
    """The simulation's classes; raises BadInputError for an odd number of features, which has no half."""
    if features < 2 or features % 2:
        raise BadInputError(
            f"Half of the features have the variance n, the other half 1, which {features} feature(s) don't "
            f"divide into; make 'features' even."
        )
    levels = published_levels(classes)
    variances = np.repeat([float(features), 1.0], features // 2)
    if covariance == "hard":
        return Mixture(levels, *_absolute_eigenvalues(_hard_covariance(variances)))
    if covariance == "fixed_bayes":
        levels = levels * math.sqrt((FEATURES_OF_FIXED_ERROR + 1) / (features + 1))
    return Mixture(levels, variances)


def _hard_covariance(variances: Features) -> Features:
    """Symmetric `[n, n]`; the same at every seed of a run, as in the released code (its seed 0)."""
    draws = np.random.default_rng(0).uniform(-1, 1, (len(variances), len(variances)))
    product = draws.T @ draws
    hard: Features = product - np.diag(np.diag(product)) + np.diag(variances)
    return hard


def _absolute_eigenvalues(symmetric: Features) -> tuple[Features, Features]:
    values, axes = np.linalg.eigh(symmetric)
    return np.abs(values), axes
