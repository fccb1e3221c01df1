"""Networks by name: their structure apart from their numbers, which JAX programs take and give as trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx

from common.models.flax.perceptron import Perceptron
from common.models.flax.resnet18 import ResNet18
from common.models.flax.small_cnn import SmallCNN
from common.strict import BadInputError, suggest

Tree = Any  # of arrays; those of an ensemble have a leading axis of networks


class Shape(NamedTuple):
    """Of an image, and the number of classes."""

    height: int
    width: int
    channels: int
    classes: int


NETWORKS: dict[str, Callable[[Shape, nnx.Rngs], nnx.Module]] = {
    "perceptron": lambda shape, rngs: Perceptron(
        shape.classes, shape.height * shape.width * shape.channels, rngs
    ),
    "small_cnn": lambda shape, rngs: SmallCNN(shape.classes, shape.channels, rngs),
    "small_cnn_quarter": lambda shape, rngs: SmallCNN(shape.classes, shape.channels, rngs, (8, 16, 32)),
    "resnet18": lambda shape, rngs: ResNet18(shape.classes, shape.channels, rngs),
    "resnet18_narrow": lambda shape, rngs: ResNet18(shape.classes, shape.channels, rngs, (4, 8, 8, 8)),
}


class Numbers(NamedTuple):
    """What a network has learnt: parameters, and the statistics of batch normalisation (empty without it)."""

    parameters: Tree
    statistics: Tree


@dataclass(frozen=True)
class Architecture:
    """The structure of a network in training and in evaluation mode."""

    training: nnx.GraphDef[nnx.Module]
    evaluation: nnx.GraphDef[nnx.Module]

    def trained_logits(self, parameters: Tree, statistics: Tree, images: jax.Array) -> tuple[jax.Array, Tree]:
        """Logits `[batch, classes]` in training mode, and the statistics that the batch has moved."""
        network: Any = nnx.merge(self.training, parameters, statistics, copy=True)  # as it is moved
        return network(images), nnx.state(network, nnx.BatchStat)

    def logits(self, numbers: Numbers, images: jax.Array) -> jax.Array:
        """Logits `[batch, classes]` in evaluation mode: no image plays a part in another's."""
        logits: jax.Array = self._evaluated(numbers)(images)
        return logits

    def features(self, numbers: Numbers, images: jax.Array) -> jax.Array:
        """Penultimate features `[batch, width]` in evaluation mode."""
        features: jax.Array = self._evaluated(numbers).features(images)
        return features

    def _evaluated(self, numbers: Numbers) -> Any:
        return nnx.merge(self.evaluation, numbers.parameters, numbers.statistics)


def architecture(name: str, shape: Shape) -> Architecture:
    """The structure of the network `name`; raises BadInputError where there is none."""
    network: Any = _build(name, shape, 0)
    network.train()
    training = nnx.split(network, nnx.Param, nnx.BatchStat)[0]
    network.eval()
    return Architecture(training, nnx.split(network, nnx.Param, nnx.BatchStat)[0])


def fresh_networks(name: str, shape: Shape, seeds: Sequence[int]) -> Numbers:
    """Untrained networks, one for each seed, along a leading axis."""
    single = [nnx.split(_build(name, shape, seed), nnx.Param, nnx.BatchStat)[1:] for seed in seeds]
    return Numbers(*(stacked(part) for part in zip(*single, strict=True)))


def stacked(trees: Sequence[Tree]) -> Tree:
    """Trees of the same structure as one, along a leading axis."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def taken(tree: Tree, place: int) -> Tree:
    """One network's part of a tree with a leading axis."""
    return jax.tree.map(lambda leaf: leaf[place], tree)


def _build(name: str, shape: Shape, seed: int) -> nnx.Module:
    if name not in NETWORKS:
        raise BadInputError(f"There is no network '{name}' in Flax.{suggest(name, NETWORKS)}")
    return NETWORKS[name](shape, nnx.Rngs(seed % 2**31))
