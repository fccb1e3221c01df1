"""Error barriers between two networks along the line that joins their weights (section 5 of the paper).

Frankle, Dziugaite, Roy, Carbin: Linear Mode Connectivity and the Lottery Ticket Hypothesis, ICML 2020, arXiv
1912.05671, whose error barrier is taken here on groups of training examples.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from experiments.unlearning.data_diet.images import Images
from experiments.unlearning.data_diet.learning import Learner
from experiments.unlearning.data_diet.networks import Numbers


def error_barrier(errors: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    """sup over α of R(α w + (1 - α) w') - α R(w) - (1 - α) R(w'), which is 0 at both ends.

    Args:
        errors: R at each α, `[alphas]`.
        shares: α from 0, where the weights are w', to 1, where they are w, `[alphas]`.
    """
    chord = shares * errors[-1] + (1 - shares) * errors[0]
    return float((errors - chord).max())


def between(pair: Numbers, shares: NDArray[np.float64]) -> Numbers:
    """Networks α w + (1 - α) w' along a leading axis, of a pair (w, w'); batch statistics are mixed alike."""

    def mixed(leaf: jax.Array) -> jax.Array:
        share = jnp.asarray(shares, leaf.dtype).reshape(-1, *[1] * (leaf.ndim - 1))
        return share * leaf[0] + (1 - share) * leaf[1]

    mix: Numbers = jax.tree.map(mixed, pair)
    return mix


def errors_along(
    learner: Learner, pair: Numbers, images: Images, shares: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether each network between the pair is wrong about each image, bool `[alphas, n]`."""
    probabilities = learner.probabilities(between(pair, shares), images)
    wrong: NDArray[np.bool_] = probabilities.argmax(axis=-1) != images.labels
    return wrong
