"""OpenMax: Bendale and Boult, Towards Open Set Deep Networks, CVPR 2016, arXiv 1511.06233."""

from __future__ import annotations

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.osr_closed_set.outputs import Floats, Outputs

TAIL = 20  # the paper's number of largest distances


def known_probability(logits: Floats, training: Outputs) -> Floats:
    """1 - P(unknown) of each row of `logits`, `[n]`.

    Algorithm 1: for each class, a Weibull distribution of the largest distances of its correctly classified
    training images to their mean logits. Algorithm 2: the logits v_c, ordered by size, lose a share that
    hangs on that distribution and on their rank, and become v_c w_c; what they lose, sum v_c (1 - w_c), is
    the logit of a class `unknown` in a softmax over all. Ours: all classes are revised (alpha is their
    number).
    """
    means, weibulls = _fitted(training)
    classes = logits.shape[1]
    distances = np.linalg.norm(logits[:, None] - means[None], axis=2)
    outlying = np.stack([_probability(distances[:, c], *weibulls[c]) for c in range(classes)], axis=1)
    ranks = np.argsort(np.argsort(-logits, axis=1, kind="stable"), axis=1, kind="stable")  # 0: the largest
    weights = 1 - (classes - ranks) / classes * outlying
    unknown = (logits * (1 - weights)).sum(axis=1, keepdims=True)
    revised = np.concatenate([logits * weights, unknown], axis=1)
    powers = np.exp(revised - revised.max(axis=1, keepdims=True))
    known: Floats = powers[:, :-1].sum(axis=1) / powers.sum(axis=1)
    return known


def _fitted(training: Outputs) -> tuple[Floats, list[tuple[float, float, float]]]:
    """Each class's mean logits, and the shape, scale and shift of its Weibull distribution."""
    from scipy.stats import weibull_min

    right = training.correct()
    means, weibulls = [], []
    for label in range(training.logits.shape[1]):
        members = training.logits[right & (training.labels == label)]
        if len(members) < 3:  # two are as far from their mean: nothing to fit
            members = training.logits[training.labels == label]
        if len(members) < 3:
            raise BadInputError(f"Known class {label} has {len(members)} image(s); OpenMax needs three.")
        means.append(members.mean(axis=0))
        distances = np.sort(np.linalg.norm(members - means[-1], axis=1))[-TAIL:]
        shift = distances[0] - 1.0  # so that the smallest of the tail is at 1, as in the authors' library
        shape, _, scale = weibull_min.fit(distances - shift, floc=0)
        weibulls.append((float(shape), float(scale), float(shift)))
    return np.stack(means), weibulls


def _probability(distances: Floats, shape: float, scale: float, shift: float) -> Floats:
    """The share of the fitted distribution below each distance; 0 below its start."""
    beyond = np.maximum(distances - shift, 0.0)
    with np.errstate(over="ignore"):  # an infinite power is a share of one
        return -np.expm1(-((beyond / scale) ** shape))
