"""One network's function as that of an ensemble: vectorised, scanned or looped over a leading axis.

Which way is fastest hangs on the device: a GPU is filled by vectorising, a processor runs convolutions whose
weights differ along an axis six times slower than one network after another. Step `ways` measures it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from experiments.unlearning.data_diet.networks import Tree, stacked, taken
from experiments.unlearning.data_diet.settings import Way

OfOne = Callable[[Any, Any], Any]
OfEnsemble = Callable[[Tree, Any], Tree]


def over_networks(function: OfOne, way: Way) -> OfEnsemble:
    """`function(own, shared)` for all networks: `own` and the result then have a leading axis.

    The three ways differ by rounding alone. Compiled once for each shape, so keep what this gives.
    """
    match way:
        case "vmapped":
            return jax.jit(jax.vmap(function, in_axes=(0, None)))
        case "scanned":
            return jax.jit(lambda own, shared: jax.lax.map(lambda one: function(one, shared), own))
        case "looped":
            return _looped(jax.jit(function))


def _looped(function: OfOne) -> OfEnsemble:
    def call(own: Tree, shared: Any) -> Tree:
        networks = len(jax.tree.leaves(own)[0])
        return stacked([function(taken(own, place), shared) for place in range(networks)])

    return call
