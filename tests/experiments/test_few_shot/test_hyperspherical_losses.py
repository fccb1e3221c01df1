"""The objectives of hyperspherical_embedding: worked out by hand, and what they may not hang on."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.few_shot.hyperspherical_embedding.objectives.arcface import ArcFace
from experiments.few_shot.hyperspherical_embedding.objectives.contrastive import Contrastive
from experiments.few_shot.hyperspherical_embedding.objectives.normalised_softmax import (
    LearnedScale,
    NormalisedSoftmax,
    ReparameterisedSoftmax,
)
from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.objectives.prototypical import Prototypical
from experiments.few_shot.hyperspherical_embedding.objectives.registry import build_objective
from experiments.few_shot.hyperspherical_embedding.objectives.siamese import Siamese
from experiments.few_shot.hyperspherical_embedding.objectives.supervised_contrastive import (
    SupervisedContrastive,
)
from experiments.few_shot.hyperspherical_embedding.objectives.triplet import BatchHardTriplet
from experiments.few_shot.hyperspherical_embedding.settings import ObjectiveSettings

AXES = torch.eye(2)
# Unit vectors at 0 and 60 degrees, of class 0, and at 180 and 90, of class 1: chords are 2 sin(angle / 2).
CIRCLE = torch.tensor([[math.cos(math.radians(a)), math.sin(math.radians(a))] for a in (0, 60, 180, 90)])
CLASSES = torch.tensor([0, 0, 1, 1])
NARROW = 2 * math.sin(math.radians(15))  # between 60 and 90 degrees


def with_columns(objective: Objective, columns: Tensor) -> Objective:
    with torch.no_grad():
        objective.get_parameter("weight").copy_(columns)
    return objective


@pytest.mark.parametrize("kind", [NormalisedSoftmax, ReparameterisedSoftmax, LearnedScale])
def test_logits_are_scaled_cosines(kind: type[NormalisedSoftmax]) -> None:
    """(3, 4) has the cosines 0.6 and 0.8 with the axes: with s = 10 the logits are 6 and 8."""
    objective = with_columns(kind(2, 2, 10.0), AXES)
    for label, expected in ((0, math.log(1 + math.exp(2))), (1, math.log(1 + math.exp(-2)))):
        loss = objective(torch.tensor([[3.0, 4.0]]), torch.tensor([label]))
        assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_columns_return_to_the_sphere_after_a_step() -> None:
    objective = with_columns(NormalisedSoftmax(2, 2, 10.0), torch.tensor([[3.0, 4.0], [0.0, 0.1]]))
    objective.after_step()
    columns = objective.columns()
    assert columns is not None
    assert torch.allclose(columns, torch.tensor([[0.6, 0.8], [0.0, 1.0]]))


def test_free_vectors_have_the_tangent_part_of_the_gradient() -> None:
    """d/dv = (I - w w') (d/dw) / |v|, where w = v / |v|: the same loss, another gradient."""
    draws = torch.Generator().manual_seed(0)
    free, embeddings = torch.randn(3, 4, generator=draws), torch.randn(6, 4, generator=draws)
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    unit = F.normalize(free, dim=-1)
    projected = with_columns(NormalisedSoftmax(3, 4, 5.0), unit)
    reparameterised = with_columns(ReparameterisedSoftmax(3, 4, 5.0), free)
    losses = [objective(embeddings, labels) for objective in (projected, reparameterised)]
    assert losses[0].item() == pytest.approx(losses[1].item(), rel=1e-5)
    whole, found = (
        torch.autograd.grad(loss, objective.get_parameter("weight"))[0]
        for loss, objective in zip(losses, (projected, reparameterised), strict=True)
    )
    tangent = whole - (whole * unit).sum(dim=1, keepdim=True) * unit
    assert torch.allclose(found, tangent / free.norm(dim=1, keepdim=True), atol=1e-6)
    assert not torch.allclose(whole, tangent, atol=1e-3)


def test_a_learned_scale_learns() -> None:
    objective = LearnedScale(2, 2, 10.0)
    objective(torch.tensor([[3.0, 4.0]]), torch.tensor([0])).backward()
    assert {name for name, _ in objective.named_parameters()} == {"weight", "scale"}
    assert objective.get_parameter("scale").grad is not None


def test_arcface_adds_an_angle_to_the_true_class() -> None:
    """60 degrees plus 30 leave a cosine of 0; the other axis is 30 degrees away."""
    objective = with_columns(ArcFace(2, 2, 10.0, math.pi / 6), AXES)
    loss = objective(CIRCLE[1:2], torch.tensor([0]))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(10 * math.sqrt(0.75))), rel=1e-5)


def test_arcface_without_a_margin_is_the_normalised_softmax() -> None:
    embeddings = torch.randn(8, 4, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(8) % 3
    columns = torch.randn(3, 4, generator=torch.Generator().manual_seed(2))
    plain = with_columns(ReparameterisedSoftmax(3, 4, 7.0), columns)
    margin = with_columns(ArcFace(3, 4, 7.0, 0.0), columns)
    assert plain(embeddings, labels).item() == pytest.approx(margin(embeddings, labels).item(), rel=1e-5)


def test_the_hardest_triplets_are_found() -> None:
    expected = [0.5 + 1 - 2**0.5, 0.5 + 1 - NARROW, 0.5 + 2**0.5 - 3**0.5, 0.5 + 2**0.5 - NARROW]
    loss = BatchHardTriplet(0.5)(CIRCLE, CLASSES)
    assert loss.item() == pytest.approx(sum(expected) / 4, rel=1e-4)


def test_batch_hard_is_the_worst_of_all_triplets() -> None:
    draws = torch.Generator().manual_seed(3)
    unit, labels = F.normalize(torch.randn(12, 5, generator=draws), dim=-1), torch.arange(12) % 3
    worst = []
    for anchor in range(12):
        same = [j for j in range(12) if labels[j] == labels[anchor] and j != anchor]
        other = [j for j in range(12) if labels[j] != labels[anchor]]
        gaps = [
            (unit[anchor] - unit[p]).norm() - (unit[anchor] - unit[n]).norm() for p in same for n in other
        ]
        worst.append(max(0.0, 0.2 + float(max(gaps))))
    assert BatchHardTriplet(0.2)(unit, labels).item() == pytest.approx(sum(worst) / 12, rel=1e-4)


def test_pairs_of_one_class_attract_and_near_pairs_of_two_repel() -> None:
    together, apart = (1 + 2) / 4, (1 - NARROW) ** 2 / 8
    assert Contrastive(1.0)(CIRCLE, CLASSES).item() == pytest.approx((together + apart) / 2, rel=1e-4)


def test_drawn_pairs_have_the_same_terms() -> None:
    pairs = CIRCLE[[0, 1, 1, 3]]  # 0 and 60 degrees of one class, 60 and 90 of two
    loss = Siamese(1.0)(pairs, torch.tensor([0, 0, 0, 1]))
    assert loss.item() == pytest.approx((0.5 + 0.5 * (1 - NARROW) ** 2) / 2, rel=1e-4)


def test_supervised_contrastive_by_hand() -> None:
    """Two equal vectors of a class and a third at a right angle, which has no positive and is no anchor."""
    loss = SupervisedContrastive(1.0)(torch.tensor([[1.0, 0], [2, 0], [0, 5]]), torch.tensor([0, 0, 1]))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1)), rel=1e-5)


def test_prototypes_come_from_the_first_images() -> None:
    """Prototypes 0 and 4; the query 2 is as far from both, the query 6 all but certain."""
    loss = Prototypical(1)(torch.tensor([[0.0], [2.0], [4.0], [6.0]]), CLASSES)
    assert loss.item() == pytest.approx(math.log(2) / 2, rel=1e-5)


ON_THE_SPHERE = [
    "normalised_softmax",
    "learned_scale",
    "arcface",
    "triplet",
    "contrastive",
    "supervised_contrastive",
]


@pytest.mark.parametrize("name", ON_THE_SPHERE)
def test_neither_order_nor_length_counts(name: str) -> None:
    objective = build_objective(ObjectiveSettings.model_validate({"name": name}), 3, 4)
    draws = torch.Generator().manual_seed(4)
    embeddings, labels = torch.randn(9, 4, generator=draws), torch.arange(9) % 3
    order = torch.randperm(9, generator=draws)
    lengths = 0.5 + torch.rand(9, 1, generator=draws)
    loss = objective(embeddings, labels).item()
    assert objective(embeddings[order], labels[order]).item() == pytest.approx(loss, rel=1e-5)
    assert objective(lengths * embeddings, labels).item() == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("name", ["triplet", "contrastive", "supervised_contrastive"])
def test_equal_embeddings_have_finite_gradients(name: str) -> None:
    objective = build_objective(ObjectiveSettings.model_validate({"name": name}), 2, 3)
    embeddings = torch.ones(4, 3, requires_grad=True)
    objective(embeddings, CLASSES).backward()
    assert embeddings.grad is not None
    assert torch.isfinite(embeddings.grad).all()


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [([0, 0], "no pair of two classes"), ([0, 1], "no pair of one class"), ([0], "1 image.s. has no pair")],
)
def test_a_batch_without_pairs_is_refused(labels: list[int], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        BatchHardTriplet(0.5)(torch.randn(len(labels), 3), torch.tensor(labels))


def test_a_task_without_queries_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"2 image\(s\) of a class, and 2 of them would be its support"):
        Prototypical(2)(CIRCLE, CLASSES)
