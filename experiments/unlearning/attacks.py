"""What two attackers make of the margins of unlearned and of never seen images over shadow networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.metrics.membership.likelihood_ratio import leave_one_shadow_out
from common.metrics.membership.roc import (
    area_under_curve,
    attack_accuracy,
    finest_rate,
    true_positive_rate,
)

ONE_PERCENT = 0.01


def attack_metrics(margins: NDArray[np.float64], unlearned: NDArray[np.bool_]) -> dict[str, float]:
    """How well (network, image) pairs are called, of `[shadows, images]`; all other pairs were never seen.

    Of the attack with a likelihood ratio of its own for each image: `accuracy_percent` at a 50/50 prior,
    `auc_percent`, and `tpr_at_1_percent_fpr` where there are the 100 unseen pairs that it takes. Of the
    same pairs with one threshold on the margin for all images, whichever side of it is called unlearned:
    `population_auc_percent`, never below 50, so that chance alone brings it some tenths above.
    `margin_difference` is the mean over images of unlearned less unseen margins: above 0 traces remain,
    below 0 more was forgotten than the network without them knows.

    Raises BadInputError where the networks are too few, or a margin is not finite.
    """
    pairs = leave_one_shadow_out(margins, unlearned, ~unlearned)
    metrics = {
        "accuracy_percent": attack_accuracy(pairs.scores, pairs.unlearned),
        "auc_percent": area_under_curve(pairs.scores, pairs.unlearned),
    }
    if finest_rate(pairs.unlearned) <= ONE_PERCENT:
        metrics["tpr_at_1_percent_fpr"] = true_positive_rate(pairs.scores, pairs.unlearned, ONE_PERCENT)
    one_threshold = area_under_curve(margins[pairs.shadow, pairs.example], pairs.unlearned)
    return {
        **metrics,
        "population_auc_percent": max(one_threshold, 100 - one_threshold),
        "margin_difference": _difference(margins, unlearned),
    }


def _difference(margins: NDArray[np.float64], unlearned: NDArray[np.bool_]) -> float:
    sides = [np.mean(margins, axis=0, where=side) for side in (unlearned, ~unlearned)]
    return float(np.mean(sides[0] - sides[1]))
