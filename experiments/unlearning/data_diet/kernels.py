"""The neural tangent kernel of a few examples, and how fast it turns (section 4 of the paper).

Jacot, Gabriel, Hongler: Neural Tangent Kernel, NeurIPS 2018, arXiv 1806.07572; the velocity is
that of Fort et al., Deep Learning versus Kernel Learning, NeurIPS 2020, arXiv 2010.15110.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from experiments.unlearning.data_diet.networks import Architecture, Numbers, Tree

Kernel = NDArray[np.float32]


@partial(jax.jit, static_argnums=0)
def kernel(architecture: Architecture, numbers: Numbers, images: jax.Array) -> jax.Array:
    """The Gram matrix `[m · classes, m · classes]` of all logits' gradients, of images `[m, h, w, channels]`.

    Of one network in evaluation mode.
    """

    def logits(parameters: Tree, image: jax.Array) -> jax.Array:
        return architecture.logits(Numbers(parameters, numbers.statistics), image[None])[0]

    gradients = jax.vmap(jax.jacrev(logits), in_axes=(None, 0))(numbers.parameters, images)
    rows = [leaf.reshape(leaf.shape[0] * leaf.shape[1], -1) for leaf in jax.tree.leaves(gradients)]
    return jnp.stack([row @ row.T for row in rows]).sum(axis=0)


def velocity(before: Kernel, after: Kernel) -> float:
    """1 - <K, K'> / (||K|| ||K'||), from 0, where the kernel keeps its direction, to 1."""
    first, second = before.astype(np.float64), after.astype(np.float64)
    return float(1 - (first * second).sum() / (np.linalg.norm(first) * np.linalg.norm(second)))
