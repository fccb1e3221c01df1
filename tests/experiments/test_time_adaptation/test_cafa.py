"""CAFA's Gaussians and losses beside numpy and hand-made values, and the limits that its ablation rests
on."""

from __future__ import annotations

import copy
import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import torch

from common.strict import BadInputError
from experiments.test_time_adaptation.baselines import bn_adapt
from experiments.test_time_adaptation.cafa.gaussians import Kind, fit, source_features
from experiments.test_time_adaptation.cafa.losses import (
    Form,
    alignment_of_moments,
    class_aware_alignment,
    inter,
    intra,
)
from experiments.test_time_adaptation.cafa.methods import cafa
from experiments.test_time_adaptation.online import SourceSample
from tests.experiments.test_time_adaptation.online_methods import images, network, start

DISTANCES = torch.tensor([[1.0, 4.0, 8.0], [9.0, 3.0, 5.0]])
LABELS = torch.tensor([0, 1])


def features(count: int = 60, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    draws = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    mixing = torch.randn(3, 4, 4, generator=draws)
    noise = torch.einsum("nd,nde->ne", torch.randn(count, 4, generator=draws), mixing[labels])
    return noise + 3 * torch.randn(3, 4, generator=draws)[labels], labels


def test_distances_are_numpys() -> None:
    known, labels = features()
    found = fit(known, labels, 3, "per_class", ridge=1e-3).distances(test := features(5, seed=1)[0])
    for label in range(3):
        own = known[labels == label].double().numpy()
        covariance = np.cov(own.T, bias=True)
        covariance += 1e-3 * np.trace(covariance) / 4 * np.eye(4)
        apart = test.double().numpy() - own.mean(0)
        expected = np.einsum("nd,de,ne->n", apart, np.linalg.inv(covariance), apart)
        np.testing.assert_allclose(found[:, label].numpy(), expected, rtol=1e-3)


def test_tied_and_euclidean_distances() -> None:
    known, labels = features()
    test = features(5, seed=1)[0]
    means = torch.stack([known[labels == label].mean(0) for label in range(3)])
    euclidean = fit(known, labels, 3, "euclidean", ridge=1e-3).distances(test)
    torch.testing.assert_close(euclidean, torch.cdist(test, means).square(), rtol=1e-4, atol=1e-4)
    apart = (known - means[labels]).double()
    covariance = apart.T @ apart / len(apart)
    covariance += 1e-3 * covariance.diagonal().mean() * torch.eye(4)
    gap = (test[:, None] - means[None]).double()
    expected = torch.einsum("nkd,de,nke->nk", gap, covariance.inverse(), gap)
    tied = fit(known, labels, 3, "tied", ridge=1e-3).distances(test)
    torch.testing.assert_close(tied, expected.float(), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kind", ["per_class", "tied", "whole"])
def test_features_that_never_vary_leave_finite_distances(kind: Kind) -> None:
    known, labels = features()
    known[:, 2] = 0
    assert fit(known, labels, 3, kind, ridge=1e-3).distances(known).isfinite().all()


def test_a_class_without_an_image_is_named() -> None:
    known, labels = features()
    with pytest.raises(BadInputError, match="no image of class 2"):
        fit(known[labels != 2], labels[labels != 2], 3, "per_class", ridge=1e-3)


def test_the_terms_worked_out_by_hand() -> None:
    assert intra(DISTANCES, LABELS).tolist() == [1.0, 3.0]
    assert inter(DISTANCES, LABELS).tolist() == [6.0, 7.0]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("ratio_of_means", math.log(2.0 / 6.5)),
        ("mean_of_ratios", (math.log(1 / 6) + math.log(3 / 7)) / 2),
        ("intra", math.log(2.0)),
        ("inter", -math.log(6.5)),
    ],
)
def test_the_forms_of_the_loss_worked_out_by_hand(form: Form, expected: float) -> None:
    assert float(class_aware_alignment(DISTANCES, LABELS, form)) == pytest.approx(expected, rel=1e-6)


def test_a_weight_counts_the_second_term_so_often() -> None:
    found = [
        float(class_aware_alignment(DISTANCES, LABELS, "ratio_of_means", weight)) for weight in (0.0, 2.0)
    ]
    assert found == pytest.approx([math.log(2.0), math.log(2.0) - 2 * math.log(6.5)], rel=1e-6)


def test_a_loss_of_nothing_leaves_batch_statistics_alone() -> None:
    adapter = cafa.online(start(cafa, form="nothing"))
    bare = bn_adapt.online(start(bn_adapt))
    for seed in range(3):
        torch.testing.assert_close(adapter.step(images(6, seed)), bare.step(images(6, seed)))


def test_the_course_holds_the_distances_before_each_update() -> None:
    adapter = cafa.online(begun := start(cafa))
    assert isinstance(adapter, cafa.ClassAwareAlignment)
    made = copy.deepcopy(begun.network)
    features = made.features(images()).detach()
    distances = adapter.gaussians.distances(features)
    labels = made.classifier(features).argmax(1)
    adapter.step(images())
    adapter.step(images(seed=1))
    first, _ = adapter.course
    assert first["intra"] == pytest.approx(float(intra(distances, labels).mean()), rel=1e-5)
    assert first["inter"] == pytest.approx(float(inter(distances, labels).mean()), rel=1e-5)


def test_no_scale_of_the_distances_matters_to_the_ratio() -> None:
    for form in ("ratio_of_means", "mean_of_ratios"):
        one, other = (class_aware_alignment(scale * DISTANCES, LABELS, form) for scale in (1.0, 7.0))
        torch.testing.assert_close(one, other)


def test_moments_that_agree_with_the_source_cost_nothing() -> None:
    known, labels = features(200)
    gaussian = fit(known, labels, 3, "whole", ridge=1e-9)
    loss = alignment_of_moments(known, gaussian.means[0], gaussian.whitening[0])
    assert float(loss) == pytest.approx(0, abs=1e-4)
    assert float(alignment_of_moments(known + 1, gaussian.means[0], gaussian.whitening[0])) > 1e-3


def test_source_features_are_those_of_the_source_statistics() -> None:
    made = network()
    found = source_features(made, SourceSample(images(10), torch.arange(10)))
    torch.testing.assert_close(found, made.features(images(10)).detach())


@pytest.mark.parametrize("options", [{}, {"gaussians": "tied"}, {"gaussians": "whole"}, {"form": "inter"}])
def test_a_step_lowers_the_loss(options: dict[str, Any]) -> None:
    begun = start(cafa, rate=0.001, **options)
    adapter = cafa.online(begun)
    assert isinstance(adapter, cafa.ClassAwareAlignment)

    def loss() -> float:
        found = adapter.network.features(images(30))
        return float(adapter._loss(found, adapter.network.classifier(found).argmax(1)).detach())

    before = loss()
    adapter.step(images(30))
    assert loss() < before


def test_cafa_without_images_of_the_source_is_refused() -> None:
    begun = dataclasses.replace(start(cafa), sample=None)
    with pytest.raises(BadInputError, match="needs labelled images of the source"):
        cafa.online(begun)
