"""The track's networks: shapes, sizes, heads and DropBlock."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch.nn import functional as F

from experiments.few_shot.backbones import Backbone, CosineLinear, fresh_network, parameter_count
from experiments.few_shot.resnet12 import ANNEALING, DROP_RATE, DropBlock

CPU = torch.device("cpu")


def test_convnet4_has_the_parameters_of_its_four_blocks() -> None:
    network = fresh_network("convnet4_64", 5, 3, 0, CPU)
    convolutions = 9 * (3 * 64 + 3 * 64 * 64)
    assert parameter_count(network) == convolutions + 4 * 2 * 64
    assert cast(Backbone, network).features(torch.zeros(2, 3, 32, 32)).shape == (2, 64)


def test_resnet12_has_the_published_size() -> None:
    network = fresh_network("resnet12", 64, 3, 0, CPU).eval()
    assert parameter_count(network) == pytest.approx(12.4e6, rel=0.01)
    assert cast(Backbone, network).features(torch.zeros(1, 3, 32, 32)).shape == (1, 640)


def test_a_seed_gives_one_network() -> None:
    one, again, other = (fresh_network("convnet4_16", 5, 3, seed, CPU).state_dict() for seed in (1, 1, 2))
    name = "blocks.0.convolution.weight"
    assert torch.equal(one[name], again[name])
    assert not torch.equal(one[name], other[name])


def test_a_cosine_head_sees_directions_alone() -> None:
    head = CosineLinear(4, 3)
    features = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    expected = 2 * F.cosine_similarity(features[:, None], head.weight[None], dim=-1)
    assert torch.allclose(head(features), expected, atol=1e-6)
    assert torch.allclose(head(7 * features), head(features), atol=1e-6)


def test_drop_block_drops_squares_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    drop = DropBlock(2).train()
    drop.steps.fill_(ANNEALING)
    dropped = drop(torch.ones(200, 8, 8, 8))
    assert float((dropped == 0).float().mean()) == pytest.approx(DROP_RATE, abs=0.02)
    assert float(dropped.mean()) == pytest.approx(1.0, abs=1e-4)
    zero = (dropped == 0).float()
    # Every dropped pixel lies in a dropped square of 2 x 2.
    squares = 1 - F.max_pool2d(1 - zero, 2, stride=1)
    assert torch.equal(F.max_pool2d(F.pad(squares, (1, 1, 1, 1)), 2, stride=1), zero)


def test_drop_block_rises_from_nothing_and_rests_in_evaluation() -> None:
    images = torch.ones(4, 2, 8, 8)
    drop = DropBlock(2).train()
    assert float((drop(images) == 0).float().mean()) < 0.01
    assert torch.equal(drop.eval()(images), images)
