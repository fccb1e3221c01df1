"""Scores that tell known from unknown images: the higher, the more an image is taken for known."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from common.strict import BadInputError, suggest
from experiments.novel_class_discovery.osr_closed_set.openmax import known_probability
from experiments.novel_class_discovery.osr_closed_set.outputs import Floats, Outputs

NEIGHBOURS = 10  # ours


class Question(NamedTuple):
    """What is scored, what the network makes of its training images, and a source of chance."""

    images: Outputs
    training: Outputs
    chance: np.random.Generator


def maximum_softmax(question: Question) -> Floats:
    """MSP: max_c softmax(l)_c (Hendrycks and Gimpel, ICLR 2017, arXiv 1610.02136)."""
    highest: Floats = _softmax(question.images.logits).max(axis=1)
    return highest


def maximum_logit(question: Question) -> Floats:
    """MLS: max_c l_c, which keeps what softmax cancels: the length of the features."""
    largest: Floats = question.images.logits.max(axis=1)
    return largest


def energy(question: Question) -> Floats:
    """log sum_c exp(l_c) (Liu et al., NeurIPS 2020, arXiv 2010.03759)."""
    logits = question.images.logits
    largest = logits.max(axis=1, keepdims=True)
    total: Floats = largest[:, 0] + np.log(np.exp(logits - largest).sum(axis=1))
    return total


def negative_entropy(question: Question) -> Floats:
    """sum_c p_c log p_c of the softmax, with 0 log 0 = 0."""
    logits = question.images.logits
    logarithms = logits - energy(question)[:, None]
    summed: Floats = (np.exp(logarithms) * logarithms).sum(axis=1)
    return summed


def feature_norm(question: Question) -> Floats:
    """The Euclidean length of the penultimate features."""
    lengths: Floats = np.linalg.norm(question.images.features, axis=1)
    return lengths


def neighbour_distance(question: Question) -> Floats:
    """Minus the distance to the tenth nearest training image, features of length one.

    Sun et al., Out-of-Distribution Detection with Deep Nearest Neighbors, ICML 2022, arXiv 2204.06507.
    """
    images, training = (_unit(part.features) for part in (question.images, question.training))
    if len(training) < NEIGHBOURS:
        raise BadInputError(
            f"{len(training)} training images have no {NEIGHBOURS}th nearest; raise 'images'."
        )
    nearest = [
        -np.partition(-(part @ training.T), NEIGHBOURS - 1, axis=1)[:, NEIGHBOURS - 1]
        for part in np.array_split(images, max(1, len(images) // 1000))
    ]
    return -np.sqrt(np.maximum(0.0, 2 - 2 * np.concatenate(nearest)))


def openmax(question: Question) -> Floats:
    """One minus OpenMax's probability of the unknown class."""
    return known_probability(question.images.logits, question.training)


def random_score(question: Question) -> Floats:
    """A control that knows nothing: uniform in [0, 1)."""
    return question.chance.random(len(question.images.logits))


SCORES: dict[str, Callable[[Question], Floats]] = {
    "msp": maximum_softmax,
    "mls": maximum_logit,
    "energy": energy,
    "entropy": negative_entropy,
    "feature_norm": feature_norm,
    "neighbour_distance": neighbour_distance,
    "openmax": openmax,
    "random": random_score,
}


def scored(name: str, question: Question) -> Floats:
    """The score called `name` of every image, `[n]`; raises BadInputError for an unknown name."""
    if name not in SCORES:
        raise BadInputError(f"There is no score '{name}'.{suggest(name, SCORES)}")
    return SCORES[name](question)


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _unit(features: Floats) -> Floats:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit: Floats = features / np.maximum(lengths, 1e-12)
    return unit
