"""Methods with a teacher, a memory or several views of an image: CoTTA, RoTTA, MEMO, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from experiments.test_time_adaptation.baselines import (
    bn_prior,
    cotta,
    memo,
    rotta,
)
from experiments.test_time_adaptation.memory_bank import MemoryBank
from experiments.test_time_adaptation.normalisation import batch_moments, use_batch_statistics
from experiments.test_time_adaptation.views import Views
from tests.experiments.test_time_adaptation.online_methods import images, network, start


def test_a_student_that_is_restored_whole_never_leaves_the_source() -> None:
    begun = start(cotta, views=2, restored=1.0, pace=1.0)
    adapter = cotta.online(begun)
    adapter.step(images())
    for found, wanted in zip(begun.network.parameters(), network().parameters(), strict=True):
        assert torch.equal(found, wanted)
    moved = [
        not torch.equal(teacher, wanted)
        for teacher, wanted in zip(adapter.teacher.parameters(), network().parameters(), strict=True)
    ]
    assert all(moved)  # it followed before the student was restored


def test_student_and_teacher_after_one_step_by_hand() -> None:
    """The student descends the cross-entropy to the teacher, which then moves a tenth towards it."""
    made: Any = network()
    use_batch_statistics(made)
    taught = made(images()).detach().softmax(1)
    parameters = list(made.parameters())
    loss = -(taught * made(images()).log_softmax(1)).sum(1).mean()
    gradients = torch.autograd.grad(loss, parameters)
    adapter = cotta.online(begun := start(cotta, sure=0.0, pace=0.1, restored=0.0))
    adapter.step(images())
    for parameter, gradient, student, teacher in zip(
        parameters, gradients, begun.network.parameters(), adapter.teacher.parameters(), strict=True
    ):
        expected = parameter.detach() - 0.1 * gradient
        torch.testing.assert_close(student.detach(), expected, rtol=1e-4, atol=1e-6)
        moved = 0.9 * parameter.detach() + 0.1 * expected
        torch.testing.assert_close(teacher.detach(), moved, rtol=1e-4, atol=1e-6)


def test_an_unsure_source_is_asked_about_views_whose_logits_are_averaged() -> None:
    begun = start(cotta, sure=1.0, views=3)
    views = Views(begun.standardise, torch.Generator().manual_seed(1))  # the seed of `start`
    made = network()
    use_batch_statistics(made)
    with torch.no_grad():
        expected = torch.stack([made(views.strong(images())) for _ in range(3)]).mean(0)
    torch.testing.assert_close(cotta.online(begun).step(images()), expected)


def test_a_sure_source_needs_no_views() -> None:
    adapter = cotta.online(start(cotta, sure=0.0))
    made = network()
    use_batch_statistics(made)
    torch.testing.assert_close(adapter.step(images()), made(images()).detach())


def test_memory_is_balanced_and_prefers_young_and_certain_items() -> None:
    memory = MemoryBank(capacity=4, classes=2)
    picture = torch.zeros(1, 1, 1)
    for label, doubt in [(0, 0.1), (0, 0.2), (0, 0.0), (1, 0.3)]:
        memory.add(picture, label, doubt)
    # The third of class 0 found its class at its share, 2, and took the place of the least certain one.
    assert [(item.label, item.entropy) for item in memory.items] == [(0, 0.1), (0, 0.0), (1, 0.3)]
    assert [item.age for item in memory.items] == [4, 2, 1]
    memory.add(picture, 1, 0.0)
    memory.add(picture, 1, 5.0)  # worse than all of its class
    assert sorted(item.entropy for item in memory.items) == [0.0, 0.0, 0.1, 0.3]
    assert memory.score(memory.items[0]) == pytest.approx(1 / (1 + math.exp(-6 / 4)) + 0.1 / math.log(2))


def test_robust_statistics_stand_still_in_evaluation_and_move_in_training() -> None:
    layer = nn.BatchNorm2d(3)
    uneven = torch.tensor([0.5, 1.0, 2.0])
    layer.load_state_dict({**layer.state_dict(), "running_var": uneven})
    robust = rotta.RobustNormalisation(layer, momentum=0.25)
    x = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(robust.eval()(x), layer.eval()(x))
    mean, variance = batch_moments(x)
    expected = 0.75 * robust.mean + 0.25 * mean
    moved = robust.train()(x)
    torch.testing.assert_close(robust.mean, expected)
    torch.testing.assert_close(moved, robust.eval()(x))
    torch.testing.assert_close(robust.variance, 0.75 * uneven + 0.25 * variance)


def test_memory_is_learned_from_after_so_many_images() -> None:
    begun = start(rotta, every=4, capacity=4)
    adapter = rotta.online(begun)
    adapter.step(images(3))
    before = [parameter.clone() for parameter in begun.network.parameters()]
    adapter.step(images(1))
    changed = [not torch.equal(a, b) for a, b in zip(before, begun.network.parameters(), strict=True)]
    assert any(changed)
    torch.testing.assert_close(rotta.timeliness(torch.tensor([0.0, 1.0])), torch.tensor([0.5, 0.26894142]))


# ---- MEMO, DELTA


def test_an_image_is_predicted_by_itself_and_leaves_no_trace() -> None:
    begun = start(memo, views=4)
    before = [parameter.clone() for parameter in begun.network.parameters()]
    memo.online(begun).step(images(3))
    assert all(torch.equal(a, b) for a, b in zip(before, begun.network.parameters(), strict=True))
    first = memo.online(start(memo, views=4)).step(images(3))[0]
    alone = memo.online(start(memo, views=4)).step(images(3)[:1])[0]
    assert torch.equal(first, alone)


def test_without_a_rate_memo_is_the_prior_alone() -> None:
    found = memo.online(start(memo, rate=0.0, views=4)).step(images(2))
    made = network()
    for module in list(made.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, bn_prior.PriorNormalisation(child, 16.0, count=1))
    expected = torch.cat([made(image[None]) for image in images(2)]).detach()
    torch.testing.assert_close(found, expected)


def test_an_image_is_predicted_after_a_step_on_the_entropy_of_the_mean_view() -> None:
    begun = start(memo, views=4, rate=0.05)
    views = Views(begun.standardise, torch.Generator().manual_seed(1))  # the seed of `start`
    made = network()
    for module in list(made.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, bn_prior.PriorNormalisation(child, 16.0, count=1))
    parameters = list(made.parameters())
    marginal = made(views.mixed(images(1), 4)).softmax(1).mean(0)
    gradients = torch.autograd.grad(-(marginal * marginal.log()).sum(), parameters)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.data -= 0.05 * gradient
    torch.testing.assert_close(memo.online(begun).step(images(1)), made(images(1)).detach())
