"""The parts of TabularNCD: masked rows, neighbours, pairs, and the queue."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from experiments.novel_class_discovery.tabular_ncd.masked_rows import masked
from experiments.novel_class_discovery.tabular_ncd.neighbouring_rows import augmented, neighbours_within
from experiments.novel_class_discovery.tabular_ncd.pairs import PairQueue, most_similar, pair_loss


def test_masked_values_come_from_the_same_column() -> None:
    batch = torch.arange(300.0).view(100, 3)
    corrupted, mask = masked(batch, torch.Generator().manual_seed(0))
    assert torch.equal(mask, (corrupted != batch).float())
    assert float(mask.mean()) == pytest.approx(0.3, abs=0.06)
    for column in range(3):
        assert set(corrupted[:, column].tolist()) <= set(batch[:, column].tolist())


def test_neighbours_are_of_the_same_class() -> None:
    rows = np.array([[0.0], [1], [3], [0.1], [0.9]], dtype=np.float32)
    found = neighbours_within(rows, np.array([0, 0, 0, 1, -1]), 2)
    assert found.tolist() == [[1, 2], [0, 2], [1, 0], [3, 3], [4, 4]]


def test_too_few_neighbours_are_repeated_in_turn() -> None:
    rows = np.array([[0.0], [1], [3]], dtype=np.float32)
    assert neighbours_within(rows, np.zeros(3, dtype=np.int64), 4)[0].tolist() == [1, 2, 1, 2]


def test_rows_are_moved_towards_one_of_the_nearest() -> None:
    rows = torch.tensor([[0.0], [1.0], [9.0]])
    neighbours = torch.tensor([[1, 2], [0, 2], [1, 0]])
    places = torch.zeros(500, dtype=torch.long)
    moved = augmented(rows, places, neighbours, torch.tensor([1.0, 2.0]), torch.Generator().manual_seed(0))
    assert moved.shape == (2, 500, 1)
    assert 0 <= float(moved[0].min()) <= float(moved[0].max()) <= 1
    assert 1 < float(moved[1].max()) <= 9


def test_the_most_similar_are_a_share_of_all_others() -> None:
    similarities = torch.tensor([[[1.0, 0.9, 0.1, 0.5, 0.2], [0.9, 1.0, 0.3, 0.2, 0.4]]])
    found = most_similar(similarities, torch.tensor([0.5]))
    assert found.tolist() == [[[False, True, False, True, False], [True, False, False, False, True]]]
    fewest = most_similar(similarities, torch.tensor([0.0]))
    assert fewest.sum(dim=2).tolist() == [[1, 1]]


def test_the_loss_of_pairs_by_hand() -> None:
    """Two rows of opposite latents and one in the queue like the first; each has one similar partner."""
    latents = torch.tensor([[[1.0, 0.0], [-1.0, 0.0]]])
    probabilities = torch.tensor([[[0.8, 0.2], [0.3, 0.7]]])
    queue = PairQueue(5)
    queue.push(torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.6, 0.4]]]))
    # similarities: first row: second -1, queue 1; second row: both -1, a tie that takes both
    first = -math.log(1 - 0.38) - math.log(0.56)
    second = -math.log(0.38) - math.log(0.46)
    found = pair_loss(latents, probabilities, queue, torch.tensor([0.5]))
    assert found.tolist() == pytest.approx([(first + second) / 4])


def test_the_queue_keeps_the_last_rows() -> None:
    queue = PairQueue(3)
    for value in range(3):
        queue.push(torch.full((1, 2, 1), float(value)), torch.zeros(1, 2, 1))
    assert queue.latents is not None
    assert queue.latents.flatten().tolist() == [1, 2, 2]
    nothing = PairQueue(0)
    nothing.push(torch.zeros(1, 2, 1), torch.zeros(1, 2, 1))
    assert nothing.latents is None
