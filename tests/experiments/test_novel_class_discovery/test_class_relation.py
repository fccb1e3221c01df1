"""The class relation and its distillation: by hand, beside scipy, and at their limits."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.stats import entropy
from torch.nn import functional as F

from experiments.novel_class_discovery.cr_kd_ncd.class_relation import (
    another_image_s,
    distillation_loss,
    log_relation,
    relation_divergence,
    relation_information,
    relation_weights,
)
from experiments.novel_class_discovery.cr_kd_ncd.distillation import DistillationSettings, target
from experiments.novel_class_discovery.cr_kd_ncd.watch import relation_measures

LOG3 = math.log(3)


def cosines(rows: int = 6, classes: int = 4, seed: int = 0) -> torch.Tensor:
    return torch.rand(rows, classes, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_a_relation_is_softened_by_its_temperature() -> None:
    # Cosines 0 and 0.4 log 3 over 0.1 times 4: 1/4 and 3/4.
    found = log_relation(torch.tensor([[0.0, 0.4 * LOG3]]), 0.4).exp()
    assert torch.allclose(found, torch.tensor([[0.25, 0.75]]))


def test_divergence_beside_scipy() -> None:
    old, new = cosines(seed=0), cosines(seed=1)
    before, after = (F.softmax(each.double() / 0.4, dim=1).numpy() for each in (old, new))
    wanted = torch.from_numpy(entropy(before, after, axis=1))
    assert torch.allclose(relation_divergence(old, new, 0.4).double(), wanted, atol=1e-5)


def test_information_is_none_where_all_images_are_alike() -> None:
    assert float(relation_information(cosines(1).repeat(5, 1), 0.4)) == pytest.approx(0, abs=1e-6)


def test_information_of_opposite_certain_images_is_one_bit() -> None:
    old = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    assert float(relation_information(old, 0.01)) == pytest.approx(math.log(2))


def test_everything_is_kept_by_the_same_network_and_nothing_by_the_mean_relation() -> None:
    old = cosines()
    same = relation_measures(old, old.clone(), 0.4)
    assert same == pytest.approx(
        {"relation_divergence": 0, "relation_agreement": 100, "relation_kept": 100}, abs=1e-4
    )
    mean = log_relation(old, 0.4).exp().mean(dim=0).log() * 0.4
    assert relation_measures(old, mean.expand_as(old), 0.4)["relation_kept"] == pytest.approx(0, abs=1e-3)


def test_weights_worked_out_by_hand() -> None:
    # At temperature 1 the second image has 3/4 of its mass on the one known class, the first 1/2: mean 5/8.
    joint = torch.tensor([[[0.0, 0.0], [LOG3, 0.0]]])
    assert torch.allclose(relation_weights(joint, 1, 1.0), torch.tensor([0.8, 1.2]))


def test_weights_are_meaned_over_heads_and_one_on_average() -> None:
    joint = torch.stack([cosines(seed=1), cosines(seed=2)])
    mass = torch.stack([F.softmax(head / 0.4, dim=1)[:, :2].sum(dim=1) for head in joint]).mean(dim=0)
    found = relation_weights(joint, 2, 0.4)
    assert torch.allclose(found, mass / mass.mean())
    assert float(found.mean()) == pytest.approx(1)


def test_the_loss_worked_out_by_hand() -> None:
    # T² = 16; cross-entropies of the target (1/4, 3/4) with (1/2, 1/2): log 2, whatever the target.
    relation = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    found = distillation_loss(relation, torch.zeros(2, 2), torch.tensor([0.5, 1.5]), 4.0, 0.1)
    assert float(found) == pytest.approx(16 * math.log(2))


def test_the_loss_is_least_at_the_old_relation() -> None:
    old = cosines()
    relation, ones = log_relation(old, 0.4).exp(), torch.ones(6)
    new = old.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(distillation_loss(relation, new, ones, 4.0, 0.1), new)
    assert torch.allclose(gradient, torch.zeros_like(gradient), atol=1e-5)


def test_gradients_flow_through_learnable_weights() -> None:
    novel = cosines(seed=3).requires_grad_()
    joint = torch.cat([cosines(), novel], dim=1)[None]
    weights = relation_weights(joint, 4, 0.4)
    loss = distillation_loss(log_relation(cosines(seed=1), 0.4).exp(), joint[0, :, :4], weights, 4.0, 0.1)
    (gradient,) = torch.autograd.grad(loss, novel)
    assert float(gradient.abs().max()) > 0


def test_renaming_known_classes_changes_no_loss() -> None:
    order = [2, 0, 3, 1]
    old, new, weights = cosines(seed=4), cosines(seed=5), torch.ones(6)
    losses = [
        distillation_loss(log_relation(old[:, names], 0.4).exp(), new[:, names], weights, 4.0, 0.1)
        for names in ([0, 1, 2, 3], order)
    ]
    assert float(losses[0]) == pytest.approx(float(losses[1]))


def test_no_images_cost_nothing() -> None:
    empty = torch.empty(0, 4)
    assert float(distillation_loss(empty, empty, torch.empty(0), 4.0, 0.1)) == 0


def test_controls_tell_nothing_of_the_image() -> None:
    old = cosines()
    own = target(old, DistillationSettings(), 0.1)
    assert torch.allclose(own, F.softmax(old / 0.4, dim=1))
    assert torch.allclose(
        target(old, DistillationSettings(relation="uniform"), 0.1), torch.full((6, 4), 0.25)
    )
    other = target(old, DistillationSettings(relation="another_image_s"), 0.1)
    assert torch.equal(other, another_image_s(own))
    assert torch.equal(other[1:], own[:-1])
    assert torch.equal(other[0], own[-1])
