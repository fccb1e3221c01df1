"""Scores of single training examples (section 2 of the paper), before they are averaged over networks.

Probabilities are float64 `[…, n, classes]`, labels int64 `[n]`, and a score float64 `[…, n]`.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from experiments.unlearning.data_diet.ensemble import OfEnsemble, over_networks
from experiments.unlearning.data_diet.images import Images
from experiments.unlearning.data_diet.networks import Architecture, Numbers
from experiments.unlearning.data_diet.settings import Way

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def el2n(probabilities: Array, labels: Labels) -> Array:
    """||p - y||, the Euclidean norm of the error, from 0 to sqrt 2."""
    norms: Array = np.sqrt(np.square(_errors(probabilities, labels)).sum(axis=-1))
    return norms


def l1_error(probabilities: Array, labels: Labels) -> Array:
    """The sum of |p - y|, from 0 to 2."""
    sums: Array = np.abs(_errors(probabilities, labels)).sum(axis=-1)
    return sums


def max_margin(probabilities: Array, labels: Labels) -> Array:
    """The largest probability of a wrong class, less that of the right one, from -1 to 1."""
    right = _right(probabilities, labels)
    wrong = np.where(_one_hot(probabilities, labels), -np.inf, probabilities)
    margins: Array = wrong.max(axis=-1) - right
    return margins


def sum_margin(probabilities: Array, labels: Labels) -> Array:
    """The probabilities of wrong classes, each less that of the right one, summed."""
    right, classes = _right(probabilities, labels), probabilities.shape[-1]
    margins: Array = probabilities.sum(axis=-1) - right - (classes - 1) * right
    return margins


def loss(probabilities: Array, labels: Labels) -> Array:
    """Cross-entropy, 0 or more; a probability of 0 counts as the smallest that can be told from it."""
    losses: Array = -np.log(np.maximum(_right(probabilities, labels), np.finfo(np.float64).tiny))
    return losses


ERROR_SCORES = {
    "el2n": el2n,
    "l1_error": l1_error,
    "max_margin": max_margin,
    "sum_margin": sum_margin,
    "loss": loss,
}


class Grand:
    """GraNd: the Euclidean norm, over all parameters, of the gradient of each example's cross-entropy.

    One gradient for each example by `vmap` of `grad`, in evaluation mode, so that batch statistics make no
    example part of another's gradient.

    Attributes:
        at_once: examples whose gradients are held at a time.
    """

    def __init__(self, architecture: Architecture, way: Way, at_once: int) -> None:
        self._architecture = architecture
        self._at_once = at_once
        self._norms: OfEnsemble = over_networks(self._of_one_network, way)

    def __call__(self, numbers: Numbers, images: Images) -> Array:
        """Of every network along the leading axis, `[networks, n]`."""
        labels = jnp.asarray(images.labels)
        parts = []
        for begin in range(0, len(images), self._at_once):
            chosen = slice(begin, begin + self._at_once)
            parts.append(
                np.asarray(self._norms(numbers, (images.pixels[chosen], labels[chosen])), np.float64)
            )
        return np.concatenate(parts, axis=1)

    def _of_one_network(self, numbers: Numbers, examples: Any) -> jax.Array:
        norms: jax.Array = jax.vmap(lambda image, label: self.norm(numbers, image, label))(*examples)
        return norms

    def norm(self, numbers: Numbers, image: jax.Array, label: jax.Array) -> jax.Array:
        """Of one network and one example, `[h, w, channels]` and its label."""

        def loss_of(parameters: Any) -> jax.Array:
            logits = self._architecture.logits(Numbers(parameters, numbers.statistics), image[None])
            alone: jax.Array = optax.softmax_cross_entropy_with_integer_labels(logits[0], label)
            return alone

        squares = [jnp.square(leaf).sum() for leaf in jax.tree.leaves(jax.grad(loss_of)(numbers.parameters))]
        return jnp.sqrt(jnp.stack(squares).sum())


def last_layer_grand(probabilities: Array, labels: Labels, features: Array) -> Array:
    """GraNd of the last layer: ||p - y|| sqrt(||h||² + 1) of features h, `[…, n, width]`.

    The gradient in the weights is the outer product of the error and h, that in the biases is the error.
    """
    norms: Array = el2n(probabilities, labels) * np.sqrt(np.square(features).sum(axis=-1) + 1)
    return norms


def _errors(probabilities: Array, labels: Labels) -> Array:
    return probabilities - _one_hot(probabilities, labels)


def _one_hot(probabilities: Array, labels: Labels) -> NDArray[np.bool_]:
    """Bool `[n, classes]`."""
    one_hot: NDArray[np.bool_] = labels[:, None] == np.arange(probabilities.shape[-1])
    return one_hot


def _right(probabilities: Array, labels: Labels) -> Array:
    right: Array = probabilities[..., np.arange(len(labels)), labels]
    return right
