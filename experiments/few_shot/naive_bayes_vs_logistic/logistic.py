"""Multinomial logistic regression with an L2 penalty: the discriminative half of the pair.

Minimises 1/2 sum_k |w_k|^2 + C sum_i -log softmax(W x_i + b)_(y_i), the bias free (section 2 of the paper; C
as scikit-learn has it). The solver matters: scikit-learn's L-BFGS, which the paper runs, stops where the
gradient is small (1e-4), before the optimum where features differ much in scale.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from common.strict import BadInputError
from experiments.few_shot.naive_bayes_vs_logistic.rules import Features, Labels, LinearRule
from experiments.few_shot.naive_bayes_vs_logistic.samples import check_sample

MOST_STEPS = 1000  # the paper's; where they don't suffice, the last is taken


def fit_logistic(
    features: Features, labels: Labels, classes: int, inverse_penalty: float = 1.0
) -> LinearRule:
    """scikit-learn's L-BFGS on features `[m, d]`, as in the paper; `inverse_penalty` is C.

    Raises BadInputError where a class is missing.
    """
    check_sample(features, labels, classes)
    return _as_rule(_solved(features, labels, inverse_penalty, solver="lbfgs"))


def fit_logistic_optimum(
    features: Features, labels: Labels, classes: int, inverse_penalty: float = 1.0
) -> LinearRule:
    """The optimum itself, by Newton's method (ours).

    Where there are fewer examples than features, the optimal weights lie in the span of the examples, and are
    looked for there: the penalty is the same in its orthonormal basis.
    """
    check_sample(features, labels, classes)
    if len(features) >= features.shape[1]:
        return _as_rule(_solved(features, labels, inverse_penalty, solver="newton-cholesky", tol=1e-8))
    basis, _ = np.linalg.qr(features.T)
    inside = _as_rule(_solved(features @ basis, labels, inverse_penalty, solver="newton-cholesky", tol=1e-8))
    return LinearRule(inside.weights @ basis.T, inside.bias)


def fit_logistic_chosen(
    features: Features, labels: Labels, classes: int, inverse_penalties: Sequence[float], folds: int
) -> LinearRule:
    """C chosen by cross-validation on the sample itself, then fitted to all of it.

    Every example is judged once, by a fit that hasn't seen it; of the grid's values with the fewest errors
    the smallest C, the strongest penalty, is taken.
    """
    check_sample(features, labels, classes)
    fold_of = balanced_folds(labels, folds)
    errors = [_held_out_errors(features, labels, fold_of, penalty) for penalty in sorted(inverse_penalties)]
    return fit_logistic(features, labels, classes, sorted(inverse_penalties)[int(np.argmin(errors))])


def balanced_folds(labels: Labels, folds: int) -> Labels:
    """The fold of each example, `[m]`: those of a class are dealt out in turn, going on where the last ended.

    Raises BadInputError where there are more folds than examples.
    """
    if not 2 <= folds <= len(labels):
        raise BadInputError(f"{len(labels)} examples don't make {folds} folds; set 'folds' to 2 or more.")
    fold_of = np.empty(len(labels), dtype=np.int64)
    fold_of[np.argsort(labels, kind="stable")] = np.arange(len(labels)) % folds
    return fold_of


def _held_out_errors(features: Features, labels: Labels, fold_of: Labels, inverse_penalty: float) -> int:
    """A class with one example can't be known without it: that example counts as an error for every C."""
    wrong = 0
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        model = _solved(features[~held_out], labels[~held_out], inverse_penalty, solver="lbfgs")
        wrong += int((model.predict(features[held_out]) != labels[held_out]).sum())
    return wrong


def _solved(features: Features, labels: Labels, inverse_penalty: float, **solver: Any) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of steps is the paper's
        return LogisticRegression(C=inverse_penalty, max_iter=MOST_STEPS, **solver).fit(features, labels)


def _as_rule(model: Any) -> LinearRule:
    """scikit-learn keeps of two classes the difference of their scores alone."""
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:
        weights, bias = np.concatenate([0 * weights, weights]), np.concatenate([0 * bias, bias])
    return LinearRule(weights, bias)
