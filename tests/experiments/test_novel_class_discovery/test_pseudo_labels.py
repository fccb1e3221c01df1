"""Balanced assignments: by hand, at their limits, and as properties."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from common.strict import BadInputError
from experiments.novel_class_discovery.sinkhorn import balanced_assignments


def cosines(rows: int, classes: int, seed: int) -> torch.Tensor:
    return torch.rand(rows, classes, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_one_iteration_worked_out_by_hand() -> None:
    # exp(logits / 1) = [[1, 2], [3, 4]]; columns over 4 and 6, halved: [[1/8, 1/6], [3/8, 1/3]]; rows to one.
    logits = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).log()
    found = balanced_assignments(logits, sharpness=1.0, iterations=1)
    assert torch.allclose(found, torch.tensor([[3 / 7, 4 / 7], [9 / 17, 8 / 17]]))


def test_published_iterations_beside_a_loop_of_single_numbers() -> None:
    logits = cosines(7, 3, seed=1)
    mass = np.exp(logits.double().numpy() / 0.05)
    for _ in range(3):
        for column in range(3):
            mass[:, column] /= mass[:, column].sum() * 3
        for row in range(7):
            mass[row] /= mass[row].sum() * 7
    assert torch.allclose(balanced_assignments(logits).double(), torch.from_numpy(mass * 7), atol=1e-5)


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(2, 6), st.integers(0, 1000))
def test_rows_sum_to_one_and_classes_share_the_batch(rows: int, classes: int, seed: int) -> None:
    found = balanced_assignments(cosines(rows, classes, seed), sharpness=0.5, iterations=200)
    assert torch.allclose(found.sum(dim=1), torch.ones(rows), atol=1e-4)
    assert torch.allclose(found.sum(dim=0), torch.full((classes,), rows / classes), atol=1e-2)


@settings(max_examples=20)
@given(st.permutations(range(5)), st.permutations(range(9)))
def test_order_of_classes_and_rows_changes_nothing(classes: list[int], rows: list[int]) -> None:
    logits = cosines(9, 5, seed=0)
    found = balanced_assignments(logits)
    assert torch.allclose(balanced_assignments(logits[rows][:, classes]), found[rows][:, classes], atol=1e-5)


def test_one_image_alone_gets_equal_shares() -> None:
    assert torch.allclose(balanced_assignments(torch.tensor([[0.9, -0.9]])), torch.full((1, 2), 0.5))


def test_equal_images_get_equal_shares_however_unlike_the_prototypes() -> None:
    logits = torch.tensor([[1.0, -1.0]]).repeat(4, 1)
    assert torch.allclose(balanced_assignments(logits), torch.full((4, 2), 0.5))


def test_no_images_give_no_pseudo_labels() -> None:
    assert balanced_assignments(torch.empty(0, 4)).shape == (0, 4)


def test_logits_of_a_diverged_training_are_refused() -> None:
    with pytest.raises(BadInputError, match="training has diverged; lower its learning rate"):
        balanced_assignments(torch.tensor([[float("nan"), 0.0]]))
