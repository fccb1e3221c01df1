"""Tiny images and networks for the tests of the data diet."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from experiments.unlearning.data_diet.images import Images
from experiments.unlearning.data_diet.learning import Learner
from experiments.unlearning.data_diet.networks import Shape, architecture
from experiments.unlearning.data_diet.settings import DietTraining, Way
from experiments.unlearning.data_diet.visits import Order

SHAPE = Shape(8, 8, 1, classes=3)


def made_up(count: int = 12, shape: Shape = SHAPE) -> Images:
    """Noise under cycling labels."""
    noise = np.random.default_rng(0).normal(size=(count, *shape[:3])).astype(np.float32)
    return Images(jnp.asarray(noise), np.arange(count) % shape.classes)


def learner(name: str = "perceptron", way: Way = "vmapped", margin: int = 0, shape: Shape = SHAPE) -> Learner:
    """Two epochs of batches of four."""
    settings = DietTraining(epochs=2, batch_size=4, learning_rate=0.1, steps_per_call=2)
    return Learner(architecture(name, shape), settings, settings.steps(12), margin, way)


def orders(count: int, networks: int, margin: int = 0) -> list[Order]:
    """Each network in an order of its own."""
    return [Order(np.arange(count), 4, seed, margin) for seed in range(networks)]
