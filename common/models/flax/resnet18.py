"""ResNet-18 for images of 32 x 32, in Flax NNX."""

from __future__ import annotations

from collections.abc import Sequence

import jax
from flax import nnx

WIDTHS = (64, 128, 256, 512)
BLOCKS_PER_WIDTH = 2


class BasicBlock(nnx.Module):
    """Two 3x3 convolutions beside a shortcut, which is a 1x1 convolution where the shape changes.

    He et al., Deep Residual Learning for Image Recognition, 2016, arXiv 1512.03385, figure 5, option B.
    """

    def __init__(self, incoming: int, width: int, stride: int, rngs: nnx.Rngs) -> None:
        self.first = _convolution(incoming, width, 3, stride, rngs)
        self.first_norm = _normalisation(width, rngs)
        self.second = _convolution(width, width, 3, 1, rngs)
        self.second_norm = _normalisation(width, rngs)
        changes = stride != 1 or incoming != width
        self.shortcut = nnx.data(_convolution(incoming, width, 1, stride, rngs) if changes else None)
        self.shortcut_norm = nnx.data(_normalisation(width, rngs) if changes else None)

    def __call__(self, images: jax.Array) -> jax.Array:
        """`[batch, h, w, incoming]` to `[batch, h / stride, w / stride, width]`."""
        beside = images
        if self.shortcut is not None and self.shortcut_norm is not None:
            beside = self.shortcut_norm(self.shortcut(images))
        inner = nnx.relu(self.first_norm(self.first(images)))
        out: jax.Array = nnx.relu(self.second_norm(self.second(inner)) + beside)
        return out


class ResNet18(nnx.Module):
    """He et al. 2016, table 1, with a 3x3 stem of stride 1 and no max-pooling, as small images have it.

    Attributes:
        widths: of the four stages, two blocks each; a test may ask for narrower ones.
    """

    def __init__(self, classes: int, channels: int, rngs: nnx.Rngs, widths: Sequence[int] = WIDTHS) -> None:
        self.stem = _convolution(channels, widths[0], 3, 1, rngs)
        self.stem_norm = _normalisation(widths[0], rngs)
        blocks, incoming = [], widths[0]
        for stage, width in enumerate(widths):
            for place in range(BLOCKS_PER_WIDTH):
                stride = 2 if stage > 0 and place == 0 else 1
                blocks.append(BasicBlock(incoming, width, stride, rngs))
                incoming = width
        self.blocks = nnx.List(blocks)
        self.classifier = nnx.Linear(incoming, classes, rngs=rngs)

    def features(self, images: jax.Array) -> jax.Array:
        """Penultimate features `[batch, width]` of images `[batch, h, w, channels]`."""
        images = nnx.relu(self.stem_norm(self.stem(images)))
        for block in self.blocks:
            images = block(images)
        return images.mean(axis=(1, 2))

    def __call__(self, images: jax.Array) -> jax.Array:
        """Logits `[batch, classes]`."""
        logits: jax.Array = self.classifier(self.features(images))
        return logits


def _convolution(incoming: int, width: int, side: int, stride: int, rngs: nnx.Rngs) -> nnx.Conv:
    """Padded by side // 2 on every side, also at stride 2, where `SAME` would pad one side alone."""
    padding = side // 2
    return nnx.Conv(
        incoming, width, (side, side), strides=stride, padding=padding, use_bias=False,
        kernel_init=nnx.initializers.he_normal(), rngs=rngs,
    )  # fmt: skip


def _normalisation(width: int, rngs: nnx.Rngs) -> nnx.BatchNorm:
    return nnx.BatchNorm(width, momentum=0.9, epsilon=1e-5, rngs=rngs)
