"""How well an attack's scores tell positives from negatives, in percent."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.membership.arrays import Mask, Values, finite_values
from common.stats.samples import check_share
from common.strict import BadInputError


def attack_accuracy(scores: ArrayLike, positive: ArrayLike) -> float:
    """Percentage right at a 50/50 prior, calling scores above 0 positive: the mean of both classes' shares.

    `scores` [pairs] are log-likelihood ratios, whose threshold is 0 when both hypotheses are as likely;
    `positive` [pairs] is the truth. A score of 0 is half right. Chance is 50. Raises BadInputError for
    scores that are not finite, or a truth of another length or of one class only.
    """
    values, truth = _checked(scores, positive)
    called_positive = np.heaviside(values, 0.5)
    return 50.0 * float(called_positive[truth].mean() + 1.0 - called_positive[~truth].mean())


def area_under_curve(scores: ArrayLike, positive: ArrayLike) -> float:
    """The chance, in percent, that a positive scores above a negative, ties counting half.

    Takes and raises what `attack_accuracy` does.
    """
    from sklearn.metrics import roc_auc_score

    values, truth = _checked(scores, positive)
    return 100.0 * float(roc_auc_score(truth, values))


def true_positive_rate(scores: ArrayLike, positive: ArrayLike, false_positive_rate: float) -> float:
    """The largest percentage of positives found while at most `false_positive_rate` of negatives are.

    `false_positive_rate` is a share: 0.01 for TPR at 1 % FPR, 0.001 for 0.1 %. Nothing is interpolated,
    so with n negatives rates are met in steps of 1 / n: below one step there would be no false positive
    at all, which is another question, so fewer than 1 / `false_positive_rate` negatives (100, 1,000) are a
    BadInputError. That many is a least: there the answer hangs on two negatives. For a steady value have
    several times as many. Raises as `attack_accuracy` too.
    """
    from sklearn.metrics import roc_curve

    check_share(false_positive_rate, "The false-positive rate")
    values, truth = _checked(scores, positive)
    if finest_rate(truth) > false_positive_rate:
        raise BadInputError(
            f"{(~truth).sum()} negatives resolve no false-positive rate of {false_positive_rate:.3g}; attack "
            f"more examples or networks, or ask for {finest_rate(truth):.3g} or more."
        )
    # Points on a straight line are dropped by default, yet the best allowed one can be among them.
    false_rates, true_rates, _ = roc_curve(truth, values, drop_intermediate=False)
    return 100.0 * float(true_rates[false_rates <= false_positive_rate].max())


def finest_rate(positive: ArrayLike) -> float:
    """The smallest false-positive rate above zero that can be measured: 1 / negatives, as a share."""
    negatives = int((~np.asarray(positive, dtype=bool)).sum())
    return 1.0 / negatives if negatives else np.inf


def _checked(scores: ArrayLike, positive: ArrayLike) -> tuple[Values, Mask]:
    values, truth = finite_values(scores, "The scores"), np.asarray(positive, dtype=bool)
    if truth.shape != values.shape:
        raise BadInputError(f"{values.size} scores can't be judged by a truth of shape {truth.shape}.")
    if truth.all() or not truth.any():
        raise BadInputError(
            f"Of {truth.size} scores {truth.sum()} are of positives; an attack is judged on both classes."
        )
    return values, truth
