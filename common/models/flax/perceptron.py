"""A perceptron with two hidden layers, in Flax NNX: what a processor trains hundreds of times in a minute."""

from __future__ import annotations

import math

import jax
from flax import nnx


class Perceptron(nnx.Module):
    """Two hidden layers of `width` with ReLU, on all pixels of an image."""

    def __init__(self, classes: int, pixels: int, rngs: nnx.Rngs, width: int = 128) -> None:
        self.first = nnx.Linear(pixels, width, rngs=rngs)
        self.second = nnx.Linear(width, width, rngs=rngs)
        self.classifier = nnx.Linear(width, classes, rngs=rngs)

    def features(self, images: jax.Array) -> jax.Array:
        """Penultimate features `[batch, width]` of images `[batch, h, w, channels]`."""
        flat = images.reshape(len(images), math.prod(images.shape[1:]))
        features: jax.Array = nnx.relu(self.second(nnx.relu(self.first(flat))))
        return features

    def __call__(self, images: jax.Array) -> jax.Array:
        """Logits `[batch, classes]`."""
        logits: jax.Array = self.classifier(self.features(images))
        return logits
