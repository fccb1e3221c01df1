"""The track's recipe in optax: what `recipe.py` does in torch, step by step the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from flax import nnx

from common.models.flax.transfer import torch_name
from common.strict import BadInputError
from experiments.architecture_comparison.settings import RecipeSettings

State = nnx.State[Any, Any]
Step = Callable[["Descent", jax.Array, jax.Array, float], tuple["Descent", jax.Array]]


class Descent(NamedTuple):
    """All that a step changes: what learns, batch statistics, and what the optimiser remembers."""

    weights: State
    statistics: State
    memory: Any


def begin(network: nnx.Module, recipe: RecipeSettings) -> tuple[nnx.GraphDef[Any], Descent]:
    """A network's structure, and what training changes; raises BadInputError for what Flax hasn't here."""
    asked = ("mixup", "cutmix", "erasing", "drop_path", "random_augment", "largest_gradient", "compiled")
    missing = [name for name in asked if getattr(recipe, name)]
    if recipe.precision != "float32":
        missing.append("precision")
    if missing:
        raise BadInputError(
            f"The recipe in optax has no {', '.join(missing)}; leave that out of '{recipe.name}'."
        )
    network.train()  # type: ignore[no-untyped-call]
    structure, weights, statistics = nnx.split(network, nnx.Param, nnx.BatchStat)  # type: ignore[misc]
    return structure, Descent(weights, statistics, optimiser(recipe).init(weights))


def optimiser(recipe: RecipeSettings) -> optax.GradientTransformation:
    """What `recipe.optimiser` gives in torch, up to the factor of minus the learning rate."""
    decay = optax.add_decayed_weights(recipe.weight_decay, _decayed if recipe.no_decay_of_vectors else None)
    match recipe.optimiser:
        case "adamw":
            return optax.chain(optax.scale_by_adam(), decay)
        case "sgd":
            return optax.chain(decay, optax.trace(recipe.momentum, recipe.nesterov))
        case "adadelta":
            raise BadInputError("The recipe in optax has no adadelta; take adamw or sgd.")


def step_of(structure: nnx.GraphDef[Any], recipe: RecipeSettings) -> Step:
    """One step, to be jitted or vmapped: images `[batch, h, w, channels]`, int labels `[batch]`, the rate."""
    transformation = optimiser(recipe)

    def loss_of(weights: State, statistics: State, images: jax.Array, labels: jax.Array) -> Any:
        network = nnx.merge(
            structure, weights, statistics, copy=True
        )  # made in this trace, so that it may change
        logits = network(images)
        targets = optax.smooth_labels(jax.nn.one_hot(labels, logits.shape[-1]), recipe.label_smoothing)
        loss = optax.softmax_cross_entropy(logits, targets).mean()
        return loss, nnx.state(network, nnx.BatchStat)

    def step(
        descent: Descent, images: jax.Array, labels: jax.Array, rate: float
    ) -> tuple[Descent, jax.Array]:
        weights, statistics, memory = descent
        (loss, statistics), slopes = jax.value_and_grad(loss_of, has_aux=True)(
            weights, statistics, images, labels
        )
        updates, memory = transformation.update(slopes, memory, weights)
        moved = optax.apply_updates(weights, jax.tree.map(lambda update: -rate * update, updates))
        return Descent(moved, statistics, memory), loss

    return step


def logits_of(structure: nnx.GraphDef[Any], descent: Descent, images: jax.Array) -> jax.Array:
    """`[batch, classes]`, in evaluation mode."""
    network = nnx.merge(structure, descent.weights, descent.statistics)
    network.eval()
    return jnp.asarray(network(images))


def _decayed(weights: State) -> Any:
    """True for what decays: the choice of torch's `optimiser`, by the names that both frameworks share."""

    def chosen(path: tuple[Any, ...], value: jax.Array) -> bool:
        name = torch_name(tuple(getattr(key, "key", key) for key in path))
        return value.ndim >= 2 and not any(word in name for word in ("token", "position", "pos_embed"))

    return jax.tree_util.tree_map_with_path(chosen, weights)
