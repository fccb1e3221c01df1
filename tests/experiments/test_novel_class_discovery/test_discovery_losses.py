"""The losses of UNO, AutoNovel and NCL: by hand, beside torch's own, and at their limits."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from experiments.novel_class_discovery.baselines import auto_novel, ncl, uno
from experiments.novel_class_discovery.image_settings import ObjectiveSettings
from experiments.novel_class_discovery.looks import HIDDEN, Looks
from experiments.novel_class_discovery.neighbourhood_contrast import (
    enqueue,
    hard_negatives,
    neighbourhood_loss,
    supervised_contrast,
)
from experiments.novel_class_discovery.network import Outputs
from experiments.novel_class_discovery.pairs import (
    consistency,
    cosine_neighbours,
    pair_loss,
    ramp_up,
    rank_statistics,
)
from experiments.novel_class_discovery.sinkhorn import balanced_assignments


def outputs(rows: int, seed: int, heads: int = 2) -> Outputs:
    draws = torch.Generator().manual_seed(seed)
    known, novel = torch.rand(rows, 3, generator=draws), torch.rand(heads, rows, 2, generator=draws)
    return Outputs(known, novel, torch.rand(rows, 8, generator=draws))


def looks(labels: list[int], small: Outputs | None = None, epoch: int = 0, **settings: Any) -> Looks:
    first, second = outputs(len(labels), seed=1), outputs(len(labels), seed=2)
    memory: dict[str, Any] = {}
    return Looks(first, second, small, torch.tensor(labels), epoch, memory, ObjectiveSettings(**settings))


def test_targets_are_labels_and_balanced_assignments_with_zeros_beside_them() -> None:
    view, labels = outputs(4, seed=0), torch.tensor([2, HIDDEN, 0, HIDDEN])
    found = uno.targets(view, labels, labels == HIDDEN)
    assert found.shape == (2, 4, 5)
    assert found[0, 0].tolist() == [0, 0, 1, 0, 0]
    assert found[1, 2].tolist() == [1, 0, 0, 0, 0]
    assert torch.equal(found[1, [1, 3], 3:], balanced_assignments(view.novel[1, [1, 3]]))
    assert torch.allclose(found.sum(dim=2), torch.ones(2, 4))


def test_with_labels_alone_uno_is_the_cross_entropy_of_all_classes() -> None:
    batch = looks([0, 1, 2])
    wanted = [
        sum(F.cross_entropy(view.joint()[head] / 0.1, batch.labels) for view in (batch.first, batch.second))
        / 2
        for head in range(2)
    ]
    assert torch.allclose(uno.losses(batch), torch.stack([torch.as_tensor(each) for each in wanted]))


def test_uno_predicts_the_target_of_the_other_view() -> None:
    batch = looks([HIDDEN, HIDDEN, HIDDEN])
    assert torch.allclose(
        uno.losses(batch), uno.losses(batch._replace(first=batch.second, second=batch.first))
    )
    wanted = uno.targets(batch.second, batch.labels, batch.hidden)[0]
    shares = F.log_softmax(batch.first.joint()[0] / 0.1, dim=1)
    other = uno.targets(batch.first, batch.labels, batch.hidden)[0]
    again = F.log_softmax(batch.second.joint()[0] / 0.1, dim=1)
    by_hand = -((wanted * shares).sum() + (other * again).sum()) / 6
    assert float(uno.losses(batch)[0]) == pytest.approx(float(by_hand), rel=1e-5)


def test_a_small_crop_that_sees_all_costs_what_the_views_do_on_average() -> None:
    batch = looks([0, HIDDEN, HIDDEN])
    crops = [torch.cat(pair) for pair in zip(batch.first[::2], batch.second[::2], strict=True)]
    novel = torch.cat([batch.first.novel, batch.second.novel], dim=1)
    small = Outputs(crops[0], novel, crops[1])
    wanted = [uno.targets(view, batch.labels, batch.hidden) for view in (batch.first, batch.second)]
    of_crops = [
        uno.soft_losses(view.joint(), each, 0.1) for view in (batch.first, batch.second) for each in wanted
    ]
    expected = (2 * uno.losses(batch) + sum(of_crops)) / 6
    assert torch.allclose(uno.losses(batch._replace(small=small)), expected)


def test_rank_statistics_are_sets() -> None:
    features = torch.tensor([[5.0, 4.0, 0.0, 1.0], [4.0, 5.0, 1.0, 0.0], [0.0, 5.0, 4.0, 1.0]])
    assert rank_statistics(features, 2).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert rank_statistics(features, 9).tolist() == [[1, 1, 1]] * 3


def test_neighbours_by_cosine() -> None:
    features = torch.tensor([[1.0, 0.0], [2.0, 0.1], [0.0, 3.0]])
    assert cosine_neighbours(features, 0.95).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_the_pair_loss_is_binary_cross_entropy() -> None:
    first, second = outputs(4, seed=5).known, outputs(4, seed=6).known
    similar = rank_statistics(outputs(4, seed=7).features, 1)
    together = first.softmax(dim=1) @ second.softmax(dim=1).T
    wanted = F.binary_cross_entropy(together, similar)
    assert float(pair_loss(first, second, similar)) == pytest.approx(float(wanted), rel=1e-4)
    assert float(pair_loss(first[:0], second[:0], similar[:0, :0])) == 0


def test_consistency_by_hand() -> None:
    # Probabilities 1/2, 1/2 and 3/4, 1/4.
    found = consistency(torch.zeros(1, 2), torch.tensor([[math.log(3), 0.0]]))
    assert float(found) == pytest.approx(1 / 16)


@pytest.mark.parametrize(("epoch", "share"), [(0, math.exp(-5)), (25, math.exp(-1.25)), (50, 1), (80, 1)])
def test_the_ramp_rises_and_stays(epoch: int, share: float) -> None:
    assert ramp_up(epoch, 50) == pytest.approx(share)
    assert ramp_up(epoch, 0) == 1


def test_auto_novel_by_its_parts() -> None:
    batch = looks([1, HIDDEN, HIDDEN], epoch=9, ramp_up=9, consistency=2.0, increment=0.5)
    first, second = (view.novel[0] / 0.1 for view in (batch.first, batch.second))
    known, again = batch.first.known / 0.1, batch.second.known / 0.1
    joint = torch.cat([known, first], dim=1)
    wanted = F.cross_entropy(joint[:1], torch.tensor([1]))
    wanted = wanted + pair_loss(first[1:], second[1:], rank_statistics(batch.first.features[1:], 5))
    wanted = wanted + 2 * (consistency(first[1:], second[1:]) + consistency(known[:1], again[:1]))
    wanted = wanted + 0.5 * F.cross_entropy(joint[1:], 3 + first[1:].argmax(dim=1))
    assert float(auto_novel.losses(batch)[0]) == pytest.approx(float(wanted), rel=1e-5)


@pytest.mark.parametrize("labels", [[HIDDEN, HIDDEN], [0, 2], [1], [HIDDEN]])
@pytest.mark.parametrize("objective", [uno.losses, auto_novel.losses, ncl.losses])
def test_batches_of_one_kind_and_of_one_image_have_finite_losses(objective: Any, labels: list[int]) -> None:
    found = objective(looks(labels))
    assert found.shape == (2,)
    assert torch.isfinite(found).all()


def test_an_empty_queue_leaves_the_own_view() -> None:
    anchors, nothing = F.normalize(outputs(3, seed=8).features), torch.empty(3, 0, 8)
    found = neighbourhood_loss(anchors, anchors, torch.empty(0, 8), nothing, neighbours=5, temperature=0.1)
    assert float(found) == pytest.approx(0, abs=1e-6)


def test_neighbourhood_contrast_by_hand() -> None:
    anchor, view = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]])
    queue, hard = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[[0.0, 1.0]]])
    # exp: view e, neighbour e, the rest of the queue 1, the hard negative 1.
    wanted = -math.log(math.e / (2 * math.e + 2))
    found = neighbourhood_loss(anchor, view, queue, hard, neighbours=1, temperature=1.0)
    assert float(found) == pytest.approx(wanted)


def test_supervised_contrast_by_hand() -> None:
    anchors, queue = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    # The queue has an image of class 0 alone of the anchors' classes; the second anchor counts for nothing.
    found = supervised_contrast(anchors, torch.tensor([0, 1]), queue, torch.tensor([0, 2]), 1.0)
    assert float(found) == pytest.approx(-math.log(math.e / (math.e + 1)))
    nothing = supervised_contrast(anchors, torch.tensor([0, 1]), queue, torch.tensor([2, 2]), 1.0)
    assert float(nothing) == 0


def test_hard_negatives_are_half_labelled_and_half_easy() -> None:
    anchors = torch.tensor([[1.0, 0.0, 0.0]])
    queue = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    labelled = torch.tensor([[0.0, 0.0, 1.0]])
    found = hard_negatives(anchors, queue, labelled, easy=1, kept=1)
    assert torch.allclose(found, torch.tensor([[[0.0, 0.5**0.5, 0.5**0.5]]]))
    assert hard_negatives(anchors, queue, labelled[:0], easy=1, kept=1).shape == (1, 0, 3)


def test_a_queue_keeps_the_newest() -> None:
    queue = enqueue(torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [4.0]]), 3)
    assert queue.flatten().tolist() == [3, 4, 1]


def test_ncl_s_queues_grow_with_each_batch() -> None:
    batch = looks([0, HIDDEN, 2, HIDDEN], queue=3)
    ncl.losses(batch)
    ncl.losses(batch)
    assert {name: len(queue) for name, queue in batch.memory.items()} == {
        "unlabelled_queue": 3,
        "labelled_queue": 3,
        "classes_of_the_labelled_queue": 3,
    }
    assert batch.memory["classes_of_the_labelled_queue"].tolist() == [0, 2, 0]
