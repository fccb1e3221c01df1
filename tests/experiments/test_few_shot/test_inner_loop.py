"""MAML and ANIL: gradients beside finite differences, and the limits in which they must agree."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from common.training.seeding import seeded_initialisation
from experiments.few_shot.backbones import ConvNet4
from experiments.few_shot.inner_loop import InnerLoop, Parameters, features, head, outer_gradients
from experiments.few_shot.tasks import Task


def parameters() -> Parameters:
    """Of a small network, in float64 for finite differences."""
    with seeded_initialisation(0):
        network = ConvNet4(3, 2, 1).double()
    return {name: value.detach() for name, value in network.named_parameters()}


def task(seed: int = 0) -> Task:
    generator = torch.Generator().manual_seed(seed)
    support, queries = (
        torch.randn(count, 1, 8, 8, generator=generator, dtype=torch.float64) for count in (4, 6)
    )
    labels = torch.arange(2)
    return Task(support, labels.repeat_interleave(2), queries, labels.repeat_interleave(3))


def query_loss(loop: InnerLoop, start: Parameters, given: Task) -> Tensor:
    logits = loop.query_logits(start, given.support, given.support_labels, given.queries)
    return F.cross_entropy(logits, given.query_labels)


@pytest.mark.parametrize("head_only", [False, True])
def test_the_outer_gradient_is_that_of_finite_differences(head_only: bool) -> None:
    loop, start, given = InnerLoop(2, 0.3, head_only=head_only), parameters(), task()
    _, gradients = outer_gradients(loop, start, [given])
    for name in ("blocks.0.convolution.weight", "blocks.3.normalisation.bias", "classifier.weight"):
        direction = torch.randn(start[name].shape, generator=torch.Generator().manual_seed(1)).double()
        step = 1e-6
        losses = [
            query_loss(loop, {**start, name: start[name] + sign * step * direction}, given)
            for sign in (1, -1)
        ]
        slope = float((losses[0] - losses[1]) / (2 * step))
        assert slope == pytest.approx(float((gradients[name] * direction).sum()), rel=1e-4, abs=1e-7)


def test_second_derivatives_count() -> None:
    start, given = parameters(), task()
    whole, first = (
        outer_gradients(InnerLoop(2, 0.3, first_order=order), start, [given])[1] for order in (False, True)
    )
    name = "blocks.3.convolution.weight"
    assert (whole[name] - first[name]).abs().max() > 1e-4 * whole[name].abs().max()


@pytest.mark.parametrize("head_only", [False, True])
def test_without_inner_steps_the_orders_agree_with_plain_training(head_only: bool) -> None:
    start, given = parameters(), task()
    plain = torch.func.grad(lambda fast: query_loss(InnerLoop(0, 1.0), fast, given))(start)
    for steps, rate in ((0, 1.0), (2, 0.0)):
        for first_order in (False, True):
            loop = InnerLoop(steps, rate, head_only, first_order)
            _, gradients = outer_gradients(loop, start, [given])
            assert all(torch.allclose(gradients[name], plain[name]) for name in start)


def test_first_order_takes_the_inner_gradient_as_constant() -> None:
    """By hand: the gradient at the adapted parameters."""
    start, given = parameters(), task()
    loop = InnerLoop(1, 0.3, first_order=True)
    inner = torch.func.grad(
        lambda fast: F.cross_entropy(head(fast, features(fast, given.support, 4)), given.support_labels)
    )(start)
    moved = {name: value - 0.3 * inner[name] for name, value in start.items()}
    expected = torch.func.grad(lambda fast: query_loss(InnerLoop(0, 1.0), fast, given))(moved)
    _, gradients = outer_gradients(loop, start, [given])
    assert all(torch.allclose(gradients[name], expected[name]) for name in start)


def test_anil_changes_the_head_alone() -> None:
    start, given = parameters(), task()
    loop = InnerLoop(3, 0.5, head_only=True)
    embedded = features(start, given.support, 4)
    last = {name: value for name, value in start.items() if name.startswith("classifier.")}
    for _ in range(3):
        gradients = torch.func.grad(lambda fast: F.cross_entropy(head(fast, embedded), given.support_labels))(
            last
        )
        last = {name: value - 0.5 * gradients[name] for name, value in last.items()}
    together = features(start, torch.cat([given.support, given.queries]), 4)
    found = loop.query_logits(start, given.support, given.support_labels, given.queries)
    assert torch.allclose(found, head(last, together[4:]))


def test_the_mean_over_a_meta_batch_is_that_of_its_tasks() -> None:
    start, loop = parameters(), InnerLoop(1, 0.2)
    both = outer_gradients(loop, start, [task(0), task(1)])
    each = [outer_gradients(loop, start, [task(seed)]) for seed in (0, 1)]
    assert both[0] == pytest.approx(float(each[0][0] + each[1][0]) / 2)
    name = "blocks.0.convolution.weight"
    assert torch.allclose(both[1][name], (each[0][1][name] + each[1][1][name]) / 2)


def test_features_are_the_network_s_when_all_images_give_the_statistics() -> None:
    with seeded_initialisation(0):
        network = ConvNet4(3, 2, 1).double().train()
    images = task().queries
    start = {name: value.detach() for name, value in network.named_parameters()}
    assert torch.allclose(features(start, images, len(images)), network.features(images))


@pytest.mark.parametrize("head_only", [False, True])
def test_a_query_is_classified_by_itself(head_only: bool) -> None:
    """Inductive: one query at a time has the same logits."""
    start, given, loop = parameters(), task(), InnerLoop(2, 0.3, head_only=head_only)
    together = loop.query_logits(start, given.support, given.support_labels, given.queries)
    alone = [
        loop.query_logits(start, given.support, given.support_labels, query[None]) for query in given.queries
    ]
    assert torch.allclose(torch.cat(alone), together)
