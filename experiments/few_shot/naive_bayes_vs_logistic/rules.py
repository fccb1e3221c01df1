"""What a fitted classifier is here: anything that predicts labels; most are linear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating[Any]]
Labels = NDArray[np.int64]


class Rule(Protocol):
    """A fitted classifier."""

    def predict(self, features: Features) -> Labels:
        """The class of each of the features `[n, d]`, `[n]`."""


Fit = Callable[[Features, Labels, int], Rule]  # of features [m, d], labels [m] and the number of classes


@dataclass(frozen=True)
class LinearRule:
    """h_k(x) = w_k . x + b_k, section 2 of the paper: the hypotheses of naive Bayes and logistic regression.

    Attributes:
        weights: `[classes, d]`.
        bias: `[classes]`.
    """

    weights: Features
    bias: Features

    def scores(self, features: Features) -> Features:
        """`[n, classes]` of features `[n, d]`."""
        scores: Features = features @ self.weights.T.astype(features.dtype) + self.bias
        return scores

    def predict(self, features: Features) -> Labels:
        """The class with the highest score; the lowest of several that share it."""
        classes: Labels = self.scores(features).argmax(axis=1)
        return classes


def error_percent(rule: Rule, features: Features, labels: Labels) -> float:
    """Share of features `[n, d]` that `rule` puts into another class than their label."""
    return float((rule.predict(features) != labels).mean() * 100)
