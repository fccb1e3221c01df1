"""FT and l1-sparse against steps taken by hand and torch's own optimiser."""

from __future__ import annotations

import copy

import torch
from torch.nn import functional as F

from common.training.settings import DescentSettings
from experiments.unlearning.baselines.l1_sparse import absolute_sum
from tests.experiments.test_unlearning.method_tasks import equal, make_task, method, state, unlearned

ONE_STEP = DescentSettings(epochs=1, batch_size=48, momentum=0, weight_decay=0)
TWO_STEPS = ONE_STEP.model_copy(update={"epochs": 2})


def test_ft_is_sgd_on_the_retain_set() -> None:
    """Whole batches, so that the order doesn't matter; torch's optimiser is the reference."""
    descent = DescentSettings(epochs=3, batch_size=48, momentum=0.9, weight_decay=0.1)
    task = make_task(descent=descent)
    expected = copy.deepcopy(task.original).train()
    optimiser = torch.optim.SGD(expected.parameters(), lr=0.05, momentum=0.9, weight_decay=0.1)
    (batch,) = task.retain.clean()
    for _ in range(3):
        optimiser.zero_grad()
        F.cross_entropy(expected(batch.images), batch.labels).backward()
        optimiser.step()
    torch.testing.assert_close(state(method("ft").unlearn(task)), state(expected))


def test_the_sum_of_absolute_values_and_its_gradient() -> None:
    weights: list[torch.Tensor] = [torch.tensor([1.0, -2.0, 0.0]), torch.tensor([[0.5], [-0.25]])]
    for weight in weights:
        weight.requires_grad_()
    total = absolute_sum(weights)
    assert total.item() == 3.75
    first, second = torch.autograd.grad(total, weights)
    assert first.tolist() == [1, -1, 0]
    assert second.tolist() == [[1], [-1]]


def test_a_step_of_l1_sparse_is_one_of_ft_less_the_sign() -> None:
    task = make_task(descent=ONE_STEP)
    plain, sparse = unlearned("ft", descent=ONE_STEP), unlearned("l1_sparse", descent=ONE_STEP, penalty=0.3)
    for name, weight in task.original.named_parameters():
        torch.testing.assert_close(sparse[name], plain[name] - 0.05 * 0.3 * weight.detach().sign())


def test_the_penalty_falls_linearly() -> None:
    """In the second of two epochs it is half. Images are all the same, so the stem has no other gradient."""
    task = make_task(descent=TWO_STEPS, penalty=0.2, learning_rate=0.01)
    task.retain.images.zero_()
    found = state(method("l1_sparse").unlearn(task))["stem.weight"]
    plain = state(method("ft").unlearn(task))["stem.weight"]
    start = dict(task.original.named_parameters())["stem.weight"].detach()
    clear = start.abs() > 0.01  # no sign changes on the way
    assert clear.any()
    shift = (found - plain)[clear]
    expected = -0.01 * (0.2 + 0.1) * start.sign()[clear]
    torch.testing.assert_close(shift, expected, rtol=0.02, atol=1e-5)


def test_l1_sparse_without_a_penalty_is_ft_bit_by_bit() -> None:
    assert equal(unlearned("l1_sparse", penalty=0.0), unlearned("ft"))


def test_a_penalty_makes_weights_smaller() -> None:
    sizes = [
        sum(float(v.abs().sum()) for k, v in unlearned("l1_sparse", penalty=p).items() if "running" not in k)
        for p in (0.0, 0.01, 0.1)
    ]
    assert sizes[0] > sizes[1] > sizes[2]
