"""What an attacker sees of an example: how sure the network is of its true class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.membership.arrays import Places, Values, finite_values
from common.strict import BadInputError


def margins(logits: ArrayLike, labels: ArrayLike) -> Values:
    """The log odds of the true class, phi = log p_y / (1 - p_y) = z_y - log sum_{j != y} exp z_j, [examples].

    From `logits` [examples, classes] of any float type and integer `labels` [examples], in float64.
    Carlini et al., "Membership Inference Attacks From First Principles", 2022 (arXiv 2112.03570): over
    networks it is nearly normal, which p_y is not. Deviation: their floor of 1e-45 on both probabilities,
    which bounds phi at about ±103, is not needed where phi comes from the logits. Raises BadInputError for
    logits that are not finite, fewer than two classes, or labels that are not one class for each example.
    """
    scores = finite_values(logits, "The logits", dimensions=2).copy()
    classes = _checked_labels(labels, *scores.shape)
    examples = np.arange(len(scores))
    true_class = scores[examples, classes]
    scores[examples, classes] = -np.inf
    # logaddexp takes the larger of each two out of the exponential, so that nothing overflows.
    phi: Values = true_class - np.logaddexp.reduce(scores, axis=1)
    return phi


def confidences(logits: ArrayLike, labels: ArrayLike) -> Values:
    """The softmax probability of the true class, p_y = 1 / (1 + exp(-phi)), [examples], in [0, 1].

    Takes and raises what `margins` does.
    """
    return np.exp(-np.logaddexp(0.0, -margins(logits, labels)))


def _checked_labels(labels: ArrayLike, examples: int, classes: int) -> Places:
    checked = np.asarray(labels)
    if classes < 2:
        raise BadInputError(
            f"The logits are of {classes} class(es), but a margin is one class against others."
        )
    if checked.shape != (examples,) or not np.issubdtype(checked.dtype, np.integer):
        raise BadInputError(
            f"The labels are {checked.dtype} of shape {checked.shape}; give one integer for each of the "
            f"{examples} rows of logits."
        )
    if ((checked < 0) | (checked >= classes)).any():
        raise BadInputError(
            f"The labels run from {checked.min()} to {checked.max()}, the classes from 0 to {classes - 1}."
        )
    return checked.astype(np.intp)
