"""The small convolutional network of the data-diet experiments, in Flax NNX."""

from __future__ import annotations

from collections.abc import Sequence

import jax
from flax import nnx


class SmallCNN(nnx.Module):
    """Per width a 3x3 convolution and one of stride 2, each with ReLU; then the mean over space, dense.

    Paul, Ganguli, Dziugaite: Deep Learning on a Data Diet, NeurIPS 2021, arXiv 2107.07075, code, `models.py`,
    where the widths are 32, 64 and 128. No normalisation.
    """

    def __init__(
        self, classes: int, channels: int, rngs: nnx.Rngs, widths: Sequence[int] = (32, 64, 128)
    ) -> None:
        layers, incoming = [], channels
        for width in widths:
            layers.append(nnx.Conv(incoming, width, (3, 3), rngs=rngs))
            layers.append(nnx.Conv(width, width, (3, 3), strides=2, rngs=rngs))
            incoming = width
        self.convolutions = nnx.List(layers)
        self.classifier = nnx.Linear(incoming, classes, rngs=rngs)

    def features(self, images: jax.Array) -> jax.Array:
        """Penultimate features `[batch, width]` of images `[batch, h, w, channels]`."""
        for convolution in self.convolutions:
            images = nnx.relu(convolution(images))
        return images.mean(axis=(1, 2))

    def __call__(self, images: jax.Array) -> jax.Array:
        """Logits `[batch, classes]`."""
        logits: jax.Array = self.classifier(self.features(images))
        return logits
