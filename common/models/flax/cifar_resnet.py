"""The residual networks of small images in Flax NNX: `common/models/cifar_resnet.py`, module for module.

Modules are named as in torch, so that weights pass between the two by name (`transfer.py`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx


class BasicBlock(nnx.Module):
    """Two 3x3 convolutions and a parameter-free shortcut (option A of He et al. 2016, section 4.2)."""

    def __init__(self, incoming: int, width: int, stride: int, rngs: nnx.Rngs) -> None:
        self.conv1 = convolution(incoming, width, stride, rngs)
        self.norm1 = normalisation(width, rngs)
        self.conv2 = convolution(width, width, 1, rngs)
        self.norm2 = normalisation(width, rngs)
        self.stride = stride
        self.new_channels = width - incoming

    def __call__(self, images: jax.Array) -> jax.Array:
        """`[batch, h, w, incoming]` to `[batch, h / stride, w / stride, width]`."""
        inner = self.norm2(self.conv2(nnx.relu(self.norm1(self.conv1(images)))))
        before = self.new_channels // 2
        channels = (before, self.new_channels - before)
        shortcut = jnp.pad(images[:, :: self.stride, :: self.stride], ((0, 0), (0, 0), (0, 0), channels))
        out: jax.Array = nnx.relu(inner + shortcut)
        return out


class CifarResNet(nnx.Module):
    """ResNet-(6n+2), batch normalised: He et al., Deep Residual Learning, CVPR 2016, section 4.2.

    Its running variance is the batch's, divided by n; torch's is divided by n - 1. Nothing else differs.
    Raises ValueError where the depth isn't 6n + 2.
    """

    def __init__(
        self,
        depth: int,
        classes: int,
        rngs: nnx.Rngs,
        width: int = 16,
        channels: int = 3,
        stem_stride: int = 1,
    ) -> None:
        if (depth - 2) % 6:
            raise ValueError(f"A residual network of small images has depth 6n + 2, not {depth}.")
        blocks = (depth - 2) // 6
        self.stem = convolution(channels, width, stem_stride, rngs)
        self.stem_norm = normalisation(width, rngs)
        self.stages = nnx.List(
            [
                _stage(width, width, blocks, 1, rngs),
                _stage(width, 2 * width, blocks, 2, rngs),
                _stage(2 * width, 4 * width, blocks, 2, rngs),
            ]
        )
        self.classifier = nnx.Linear(4 * width, classes, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Logits `[batch, classes]` of images `[batch, h, w, channels]`."""
        images = nnx.relu(self.stem_norm(self.stem(images)))
        for stage in self.stages:
            for block in stage:
                images = block(images)
        logits: jax.Array = self.classifier(images.mean(axis=(1, 2)))
        return logits


def convolution(incoming: int, width: int, stride: int, rngs: nnx.Rngs) -> nnx.Conv:
    """3x3, padded by one on every side, also at stride 2, where `SAME` would pad one side alone."""
    return nnx.Conv(incoming, width, (3, 3), strides=stride, padding=1, use_bias=False, rngs=rngs)


def normalisation(width: int, rngs: nnx.Rngs) -> nnx.BatchNorm:
    """As torch's default, whose momentum of 0.1 is the share of the new."""
    return nnx.BatchNorm(width, momentum=0.9, epsilon=1e-5, rngs=rngs)


def _stage(incoming: int, width: int, blocks: int, stride: int, rngs: nnx.Rngs) -> nnx.List[BasicBlock]:
    first = BasicBlock(incoming, width, stride, rngs)
    return nnx.List([first, *(BasicBlock(width, width, 1, rngs) for _ in range(blocks - 1))])
