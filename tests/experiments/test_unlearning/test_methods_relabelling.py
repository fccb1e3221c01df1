"""RL and SalUn: how labels are drawn, and which weights learn."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.image_set import ImageSet
from common.training.images import Standardise
from common.training.settings import DescentSettings
from experiments.unlearning.baselines.salun import saliency_masks
from experiments.unlearning.random_labels import random_labels
from tests.experiments.test_unlearning.method_tasks import (
    CLASSES,
    equal,
    images,
    make_task,
    method,
    state,
    unlearned,
)


@given(classes=st.integers(2, 12), seed=st.integers(0, 2**31))
def test_a_random_label_is_another_valid_one(classes: int, seed: int) -> None:
    labels = torch.arange(200) % classes
    drawn = random_labels(labels, classes, False, torch.Generator().manual_seed(seed))
    assert not (drawn == labels).any()
    assert 0 <= int(drawn.min()) <= int(drawn.max()) < classes
    assert drawn.dtype == labels.dtype


@pytest.mark.parametrize(("any_label", "share"), [(False, [0, 1 / 3, 1 / 3, 1 / 3]), (True, [0.25] * 4)])
def test_labels_are_uniform(any_label: bool, share: list[float]) -> None:
    labels = torch.zeros(40_000, dtype=torch.int64)
    drawn = random_labels(labels, CLASSES, any_label, torch.Generator().manual_seed(0))
    assert (drawn.bincount(minlength=4) / 40_000).tolist() == pytest.approx(share, abs=0.01)


def test_labels_are_drawn_anew_in_each_epoch_and_retained_ones_are_true() -> None:
    """Whole batches and torch's optimiser; labels from the method's own stream."""
    descent = DescentSettings(epochs=2, batch_size=60, momentum=0, weight_decay=0)
    task = make_task(descent=descent)
    expected, generator = copy.deepcopy(task.original).train(), task.generator("labels")
    optimiser = torch.optim.SGD(expected.parameters(), lr=0.05)
    (batch,) = images().clean()
    epochs = [random_labels(task.forget.labels, CLASSES, False, generator) for _ in range(2)]
    assert not torch.equal(*epochs)
    for drawn in epochs:
        optimiser.zero_grad()
        F.cross_entropy(expected(batch.images), torch.cat([drawn, task.retain.labels])).backward()
        optimiser.step()
    torch.testing.assert_close(state(method("rl").unlearn(task)), state(expected))


def test_any_label_is_another_method() -> None:
    assert not equal(unlearned("rl"), unlearned("rl", any_label=True))


def flat(masks: list[Tensor]) -> Tensor:
    return torch.cat([mask.flatten() for mask in masks])


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_the_mask_has_its_share_of_all_weights_together(share: float) -> None:
    task = make_task()
    masks = saliency_masks(task.original, task.forget, share)
    assert [mask.shape for mask in masks] == [weight.shape for weight in task.original.parameters()]
    assert int(flat(masks).sum()) == round(share * flat(masks).numel())


def test_the_mask_keeps_the_largest_gradients_of_the_forget_loss() -> None:
    task = make_task()
    (batch,) = task.forget.clean()
    network = copy.deepcopy(task.original)
    F.cross_entropy(network(batch.images), batch.labels).backward()
    size = torch.cat([p.grad.flatten().abs() for p in network.parameters() if p.grad is not None])
    chosen = flat(saliency_masks(task.original, task.forget, 0.3))
    assert size[chosen].min() >= size[~chosen].max()


def test_which_weights_of_a_linear_model_learn() -> None:
    """By hand: zero weights on pixels (0, 1, 4) of class 0 have softmax - onehot = (-1/2, 1/2)."""

    class Line(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(2, 3))

        def forward(self, pixels: Tensor) -> Tensor:
            return pixels.flatten(1) @ self.weight.T

    standardise = Standardise(torch.zeros(1), torch.ones(1))
    pixels = torch.tensor([0, 1, 4], dtype=torch.uint8)
    one = ImageSet(pixels.reshape(1, 1, 3, 1), torch.tensor([0]), standardise)
    (masks,) = saliency_masks(Line(), one, 2 / 6)
    assert masks.tolist() == [[False, False, True], [False, False, True]]
    (masks,) = saliency_masks(Line(), one, 3 / 6)  # of the two equal ones, the first
    assert masks.tolist() == [[False, True, True], [False, False, True]]


def test_masked_weights_stay_bit_identical() -> None:
    task = make_task(mask_share=0.4)
    masks = saliency_masks(task.original, task.forget, 0.4)
    network = method("salun").unlearn(task)
    triples = zip(network.parameters(), task.original.parameters(), masks, strict=True)
    moved = [(mask, new != old) for new, old, mask in triples]
    assert not any((change & ~mask).any() for mask, change in moved)
    assert sum(int(change.sum()) for _, change in moved) > 0.9 * int(flat(masks).sum())


def test_a_leaky_mask_lets_weight_decay_move_them() -> None:
    task = make_task(mask_share=0.4, leaky_mask=True)
    masks = saliency_masks(task.original, task.forget, 0.4)
    network = method("salun").unlearn(task)
    triples = zip(network.parameters(), task.original.parameters(), masks, strict=True)
    assert any(((new != old) & ~mask).any() for new, old, mask in triples)


def test_without_weight_decay_a_leaky_mask_leaks_nothing() -> None:
    """Of a weight whose gradient is always zero, momentum moves nothing either."""
    descent = DescentSettings(epochs=2, batch_size=16, momentum=0.9, weight_decay=0)
    kinds = {"descent": descent, "mask_share": 0.4}
    torch.testing.assert_close(unlearned("salun", leaky_mask=True, **kinds), unlearned("salun", **kinds))


@pytest.mark.parametrize("leaky", [False, True])
def test_salun_of_all_weights_is_rl_bit_by_bit(leaky: bool) -> None:
    assert equal(unlearned("salun", mask_share=1.0, leaky_mask=leaky), unlearned("rl"))
