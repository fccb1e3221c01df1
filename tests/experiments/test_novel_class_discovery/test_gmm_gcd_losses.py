"""Contrastive, prototype and parametric losses against sums by hand, and what they do at their limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.novel_class_discovery.contrastive import (
    discovery_contrast,
    info_nce,
    supervised_contrastive,
)
from experiments.novel_class_discovery.gmm_gcd.class_numbers import by_elbow, by_labelled_accuracy
from experiments.novel_class_discovery.gmm_gcd.pictures import confusion
from experiments.novel_class_discovery.gmm_gcd.prototypes import (
    concentrations,
    prototype_loss,
    unit_centroids,
)
from experiments.novel_class_discovery.parametric_classifier import (
    mean_entropy_gap,
    parametric_loss,
    self_distillation,
    teacher_temperature,
)


def views(images: int = 4, seed: int = 0) -> torch.Tensor:
    return torch.randn(2 * images, 3, generator=torch.Generator().manual_seed(seed)).double()


def by_hand(vectors: torch.Tensor, groups: list[int], temperature: float) -> float:
    """Each view in turn: the mean of -log softmax over the others of its group."""
    unit = F.normalize(vectors).tolist()
    total = 0.0
    for place, vector in enumerate(unit):
        others = [other for other in range(len(unit)) if other != place]
        similar = {o: math.exp(np.dot(vector, unit[o]) / temperature) for o in others}
        positives = [other for other in others if groups[other] == groups[place]]
        total -= sum(math.log(similar[p] / sum(similar.values())) for p in positives) / len(positives)
    return total / len(unit)


def test_contrastive_losses_are_sums_over_views() -> None:
    vectors = views()
    assert float(info_nce(vectors, 0.5)) == pytest.approx(by_hand(vectors, [0, 1, 2, 3] * 2, 0.5))
    labels = torch.tensor([7, 7, 1, 1])
    supervised = by_hand(vectors, [7, 7, 1, 1] * 2, 0.07)
    assert float(supervised_contrastive(vectors, labels, 0.07)) == pytest.approx(supervised)


def test_labels_of_a_kind_each_make_the_supervised_loss_the_other() -> None:
    vectors = views()
    different = supervised_contrastive(vectors, torch.arange(4), 0.2)
    assert float(different) == pytest.approx(float(info_nce(vectors, 0.2)))


def test_both_losses_are_weighed_and_unlabelled_images_left_out_of_the_second() -> None:
    vectors = views()
    found = discovery_contrast(vectors, torch.tensor([0, -1, 0, -1]), 0.35, 1.0, 0.07)
    labelled = supervised_contrastive(vectors[[0, 2, 4, 6]], torch.zeros(2), 0.07)
    assert float(found) == pytest.approx(0.65 * float(info_nce(vectors, 1.0)) + 0.35 * float(labelled))
    none = discovery_contrast(vectors, torch.full((4,), -1), 0.35, 1.0, 0.07)
    assert float(none) == pytest.approx(0.65 * float(info_nce(vectors, 1.0)))


def test_prototype_loss_is_a_softmax_over_clusters() -> None:
    features, clusters = views(), torch.tensor([0, 0, 1, 1])
    centroids = F.normalize(views(1, seed=1))
    spreads = torch.tensor([0.1, 0.3]).double()
    total = 0.0
    for place, feature in enumerate(F.normalize(features)):
        weights = [math.exp(float(feature @ centroids[j]) / float(spreads[j])) for j in (0, 1)]
        total -= math.log(weights[int(clusters[place % 4])] / sum(weights))
    assert float(prototype_loss(features, clusters, centroids, spreads)) == pytest.approx(total / 8)


def test_concentrations_are_the_published_ones() -> None:
    features = F.normalize(views(10))
    clusters = torch.tensor([0] * 8 + [1] * 6 + [2] * 5 + [3])
    centroids = unit_centroids(features, clusters, 4)
    assert centroids.norm(dim=1).tolist() == pytest.approx([1.0] * 4)
    distances = (features - centroids[clusters]).norm(dim=1)
    each = [float(distances[clusters == j].mean()) / math.log(n + 10) for j, n in enumerate((8, 6, 5))]
    expected = np.array([*each, max(each)])  # the cluster of one image has the largest
    expected = np.clip(expected, *np.quantile(expected, [0.1, 0.9]))
    found = concentrations(features, clusters, centroids, 0.07)
    assert found.tolist() == pytest.approx((expected * 0.07 / expected.mean()).tolist())


def test_concentrations_without_spread_are_equal() -> None:
    features = F.normalize(views(1))
    assert concentrations(features, torch.tensor([0, 1]), features, 0.07).tolist() == pytest.approx(
        [0.07] * 2
    )


def test_simgcd_s_teacher_cools_down_and_is_the_other_view() -> None:
    assert teacher_temperature(0.0) == pytest.approx(0.07)
    assert teacher_temperature(0.075) == pytest.approx(0.055)
    assert teacher_temperature(0.5) == pytest.approx(0.04)
    cosines = views(2)
    taught = F.softmax(cosines[[2, 3, 0, 1]] / 0.04, dim=1)
    expected = -(taught * F.log_softmax(cosines / 0.1, dim=1)).sum(dim=1).mean()
    assert float(self_distillation(cosines, 0.04)) == pytest.approx(float(expected))


def test_simgcd_s_entropy_gap_is_0_for_an_even_mean_and_log_k_for_one_class() -> None:
    even, one = torch.eye(3).repeat(2, 1) * 9, torch.tensor([[9.0, 0.0, 0.0]]).repeat(6, 1)
    assert float(mean_entropy_gap(even)) == pytest.approx(0, abs=1e-5)
    assert float(mean_entropy_gap(one)) == pytest.approx(math.log(3), abs=1e-3)


def test_simgcd_without_a_label_learns_from_itself_alone() -> None:
    cosines, hidden = views(2), torch.full((2,), -1)
    alone = self_distillation(cosines, 0.07) + 2.0 * mean_entropy_gap(cosines)
    assert float(parametric_loss(cosines, hidden, 0.35, 2.0, 0.0)) == pytest.approx(0.65 * float(alone))


def groups(number: int, each: int = 20) -> tuple[np.ndarray, np.ndarray]:
    classes = np.repeat(np.arange(number), each)
    noise = np.random.default_rng(1).normal(size=(len(classes), number))
    return 30 * np.eye(number)[classes] + noise, classes


def test_the_number_of_far_groups_is_estimated() -> None:
    rows, classes = groups(6)
    found, tried = by_labelled_accuracy(rows, classes[:60], 12)
    assert tried[found] == max(tried.values())
    assert by_elbow(rows, 15, np.random.default_rng(0)) == 6


def test_estimates_without_room_are_refused() -> None:
    rows, classes = groups(3, 4)
    with pytest.raises(BadInputError, match="set 'most' to one of 4 to 12"):
        by_labelled_accuracy(rows, classes, 3)
    with pytest.raises(BadInputError, match="set 'most' to one of 4 to 12"):
        by_labelled_accuracy(rows, classes, 13)
    with pytest.raises(BadInputError, match="elbow"):
        by_elbow(rows, 13, np.random.default_rng(0))


def test_confusion_counts_unmatched_clusters_apart() -> None:
    found = confusion(np.array([5, 5, 6, 7]), np.array([0, 0, 1, 1]), 2)["confusion"]
    assert found == [100.0, 0.0, 0.0, 0.0, 50.0, 50.0]
