"""Parameters, multiply-adds and kept memory, counted by hand for one network each."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from torch import nn

from experiments.architecture_comparison.baselines import linear, resnet, vit
from experiments.architecture_comparison.cost import kept_mebibytes, multiply_adds, parameter_count
from experiments.architecture_comparison.shapes import ImageShape

SHAPE = ImageShape(channels=3, side=16, classes=10)


def test_a_resnet_by_hand() -> None:
    """ResNet-8: stem, three stages of two 3x3 convolutions, maps of 16, 8 and 4 pixels, a linear layer."""
    network = resnet.build(resnet.Settings(depth=8), SHAPE)
    stem = 16 * 16 * 9 * 3 * 16
    first = 2 * 16 * 16 * 9 * 16 * 16
    second = 8 * 8 * 9 * (16 * 32 + 32 * 32)
    third = 4 * 4 * 9 * (32 * 64 + 64 * 64)
    assert multiply_adds(network, SHAPE) == stem + first + second + third + 64 * 10
    weights = 9 * (3 * 16 + 2 * 16 * 16 + 16 * 32 + 32 * 32 + 32 * 64 + 64 * 64)
    normalisations = 2 * (3 * 16 + 2 * 32 + 2 * 64)
    assert parameter_count(network) == weights + normalisations + 64 * 10 + 10


def test_a_transformer_by_hand() -> None:
    """With attention's products: 2 n n width for each block, besides 12 n width^2."""
    network = vit.build(vit.Settings(patch=4, width=24, depth=2, heads=4), SHAPE)
    tokens, width = 17, 24
    block = 12 * tokens * width**2 + 2 * tokens**2 * width
    assert multiply_adds(network, SHAPE) == 16 * 48 * width + 2 * block + width * 10


@pytest.mark.parametrize("training", [True, False])
def test_counting_leaves_the_network_as_it_was(training: bool) -> None:
    network = resnet.build(resnet.Settings(depth=8, width=4), SHAPE).train(training)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    multiply_adds(network, SHAPE)
    kept_mebibytes(network, SHAPE, 4)
    assert network.training is training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_linear_layer_keeps_its_input_alone() -> None:
    network = linear.build(linear.Settings(), SHAPE)
    assert kept_mebibytes(network, SHAPE, 8) == 8 * 3 * 16 * 16 * 4 / 2**20


def test_memory_grows_with_the_batch() -> None:
    network = nn.Sequential(linear.build(linear.Settings(), SHAPE), nn.GELU())
    assert kept_mebibytes(network, SHAPE, 16) == 2 * kept_mebibytes(network, SHAPE, 8)


def test_nothing_of_a_network_that_was_counted_stays_in_memory() -> None:
    network = resnet.build(resnet.Settings(depth=8, width=4), SHAPE)
    kept_mebibytes(network, SHAPE, 4)
    weights = [weakref.ref(parameter) for parameter in network.parameters()]
    del network
    gc.collect()
    assert [weight() for weight in weights] == [None] * len(weights)
