"""Processor seconds of training steps in torch and in Flax, and of Flax's compilation."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from flax import nnx
from torch import nn
from torch.nn import functional as F

from experiments.architecture_comparison.recipe import optimiser
from experiments.architecture_comparison.settings import RecipeSettings
from experiments.architecture_comparison.shapes import ImageShape
from experiments.architecture_comparison.two_frameworks.flax_recipe import Descent, begin, step_of
from experiments.architecture_comparison.two_frameworks.flax_training import channels_last

RATE = 1e-4  # small: what is trained are random labels

Turn = Callable[[], None]


def some_batch(recipe: RecipeSettings, shape: ImageShape) -> tuple[torch.Tensor, torch.Tensor]:
    """Random images `[batch, channels, side, side]`, channels last in memory, and labels in turn."""
    images = torch.randn(recipe.batch_size, shape.channels, shape.side, shape.side)
    images = images.to(memory_format=torch.channels_last)
    return images, torch.arange(recipe.batch_size) % shape.classes


def torch_turn(network: nn.Module, recipe: RecipeSettings, shape: ImageShape) -> Turn:
    """A function that takes one step."""
    images, labels = some_batch(recipe, shape)
    descent = optimiser(network.train(), recipe, RATE)

    def turn() -> None:
        descent.zero_grad()
        F.cross_entropy(network(images), labels, label_smoothing=recipe.label_smoothing).backward()
        descent.step()

    return turn


def flax_turn(network: nnx.Module, recipe: RecipeSettings, shape: ImageShape) -> tuple[Turn, float]:
    """A function that takes one step, and the seconds that its compilation took."""
    structure, descent = begin(network, recipe)
    return _compiled(step_of(structure, recipe), descent, recipe, shape, jnp.float32(RATE))


def vmapped_turn(networks: list[nnx.Module], recipe: RecipeSettings, shape: ImageShape) -> tuple[Turn, float]:
    """As `flax_turn`, of one program that takes a step of every network, each at a rate of its own."""
    begun = [begin(network, recipe) for network in networks]
    descents: Descent = jax.tree.map(lambda *parts: jnp.stack(parts), *(descent for _, descent in begun))
    step = jax.vmap(step_of(begun[0][0], recipe), in_axes=(0, None, None, 0))
    return _compiled(step, descents, recipe, shape, RATE * jnp.linspace(0.5, 1, len(networks)))


def seconds_of(turn: Turn, steps: int) -> float:
    """Processor seconds, of all threads, of so many steps."""
    since = time.process_time()
    for _ in range(steps):
        turn()
    return time.process_time() - since


def _compiled(
    step: Any, descent: Descent, recipe: RecipeSettings, shape: ImageShape, rate: jax.Array
) -> tuple[Turn, float]:
    images, labels = some_batch(recipe, shape)
    pixels, targets = channels_last(images), labels.numpy().astype(np.int32)
    since = time.process_time()
    program = jax.jit(step).lower(descent, pixels, targets, rate).compile()
    spent = time.process_time() - since
    held = [descent]

    def turn() -> None:
        held[0], loss = program(held[0], pixels, targets, rate)
        loss.block_until_ready()

    return turn, spent
