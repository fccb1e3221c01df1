"""Imprinting, the two scenarios, and the batches and pairs that embeddings are trained with."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestCentroid

from common.strict import BadInputError
from experiments.few_shot.hyperspherical_embedding.balanced_batches import balanced_batches
from experiments.few_shot.hyperspherical_embedding.drawn_pairs import drawn_partners
from experiments.few_shot.hyperspherical_embedding.imprinting import (
    class_scores,
    class_vector,
    imprinted,
    sampled_vectors,
)
from experiments.few_shot.hyperspherical_embedding.scenarios import Scores, harmonic_mean


def drawn_by(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_column_is_the_normalised_mean_of_normalised_embeddings() -> None:
    """(0.6, 0.8) and (1, 0) on the circle, whose mean (0.8, 0.4) has the length sqrt(0.8)."""
    column = imprinted(torch.tensor([[3.0, 4.0], [7.0, 0.0]]))
    assert torch.allclose(column, torch.tensor([0.8, 0.4]) / 0.8**0.5)


@given(st.integers(0, 1000), st.integers(1, 6))
def test_neither_length_nor_order_nor_duplicates_of_all_count(seed: int, count: int) -> None:
    samples = torch.randn(count, 5, generator=drawn_by(seed))
    column = imprinted(samples)
    lengths = 0.1 + torch.rand(count, 1, generator=drawn_by(seed + 1))
    order = torch.randperm(count, generator=drawn_by(seed))
    for same in (lengths * samples, samples[order], samples.repeat(3, 1)):
        assert torch.allclose(imprinted(same), column, atol=1e-4)
    assert column.norm().item() == pytest.approx(1, abs=1e-5)


def test_one_sample_is_its_own_column() -> None:
    sample = torch.tensor([[0.0, 2.0]])
    assert torch.equal(imprinted(sample), torch.tensor([0.0, 1.0]))


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (torch.empty(0, 2), "A class without a sample can't be added"),
        (torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), "NaN or cancel out"),
        (torch.tensor([[torch.nan, 0.0]]), "NaN or cancel out"),
    ],
)
def test_samples_without_a_direction_are_refused(samples: torch.Tensor, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        imprinted(samples)


def test_the_euclidean_rule_is_that_of_the_nearest_centroid() -> None:
    embeddings, labels = torch.randn(60, 4, generator=drawn_by(0)), torch.arange(60) % 3
    vectors = torch.stack([class_vector("euclidean", embeddings[labels == label]) for label in range(3)])
    chosen = class_scores("euclidean", embeddings, vectors).argmax(-1)
    expected = NearestCentroid().fit(embeddings.numpy(), labels.numpy()).predict(embeddings.numpy())
    assert chosen.tolist() == expected.tolist()


def test_all_samples_make_one_draw_and_few_make_several() -> None:
    embeddings, labels = torch.randn(12, 4, generator=drawn_by(0)), torch.arange(12) % 2
    every = sampled_vectors("cosine", embeddings, labels, None, 5, drawn_by(1))
    six = sampled_vectors("cosine", embeddings, labels, 6, 5, drawn_by(1))
    one = sampled_vectors("cosine", embeddings, labels, 1, 5, drawn_by(1))
    assert (every.shape, six.shape) == ((1, 2, 4), (5, 2, 4))
    assert torch.allclose(six, every.expand(5, -1, -1), atol=1e-6)  # in whatever order
    unit = torch.nn.functional.normalize(embeddings, dim=-1)
    assert all((unit[labels == 1] - vector).norm(dim=1).min() < 1e-6 for vector in one[:, 1])
    with pytest.raises(BadInputError, match="7 samples of a class are asked for, but one has 6"):
        sampled_vectors("cosine", embeddings, labels, 7, 5, drawn_by(1))


def scores() -> Scores:
    """One draw, two old classes and two new ones, by hand.

    Old images: the first is right and stays, the second goes to a new class, the third is wrong among old
    ones, the fourth stays. New images: right and found, right but taken for an old class, wrong, found.
    """
    return Scores(
        old_by_old=torch.tensor([[0.9, 0.1], [0.5, 0.2], [0.3, 0.8], [0.1, 0.7]]),
        old_by_new=torch.tensor([[[0.2, 0.3], [0.6, 0.1], [0.1, 0.2], [0.5, 0.6]]]),
        new_by_old=torch.tensor([[0.1, 0.2], [0.9, 0.2], [0.1, 0.1], [0.3, 0.3]]),
        new_by_new=torch.tensor([[[0.5, 0.3], [0.8, 0.3], [0.6, 0.3], [0.2, 0.4]]]),
        old_labels=torch.tensor([0, 0, 0, 1]),
        new_labels=torch.tensor([0, 0, 1, 1]),
    )


def test_both_scenarios_are_counted() -> None:
    metrics = scores().metrics()
    assert metrics["old_accuracy"] == 75
    assert metrics["disjoint_accuracy"] == 75
    assert (metrics["joint_old"], metrics["joint_new"]) == (50, 50)
    assert (metrics["joint_harmonic"], metrics["joint_accuracy"]) == (50, 50)
    assert metrics["taken_for_old"] == 25
    assert metrics["own_score"] == pytest.approx((0.9 + 0.5 + 0.3 + 0.7) / 4)
    assert metrics["rival_score"] == pytest.approx((0.3 + 0.6 + 0.2 + 0.6) / 4)
    assert scores().new_recalls() == [50, 50]


def test_the_harmonic_mean_of_nothing_is_nothing() -> None:
    shares = [torch.tensor(values, dtype=torch.float64) for values in ([0.0, 0.5, 1.0], [0.0, 1.0, 0.0])]
    assert harmonic_mean(*shares).tolist() == pytest.approx([0, 2 / 3, 0])


def test_every_image_is_dealt_once_before_one_comes_again() -> None:
    labels = torch.arange(40) % 4
    batches = list(balanced_batches(labels, 20, 4, drawn_by(0)))
    assert all(labels[batch].bincount().tolist() == [5, 5, 5, 5] for batch in batches)
    assert sorted(torch.cat(batches[:2]).tolist()) == list(range(40))
    assert sorted(torch.cat(batches[2:]).tolist()) == list(range(40))


def test_of_many_classes_a_batch_has_some() -> None:
    labels = torch.arange(100) % 20
    (batch,) = balanced_batches(labels, 24, 1, drawn_by(0))
    assert sorted(labels[batch].bincount(minlength=20).tolist(), reverse=True)[:7] == [4, 4, 4, 4, 4, 4, 0]


@pytest.mark.parametrize(("labels", "size"), [([0] * 9, 8), ([0, 1] * 9, 7)])
def test_a_batch_without_room_for_two_classes_is_refused(labels: list[int], size: int) -> None:
    with pytest.raises(BadInputError, match=f"A batch of {size} images with 4 of a class has no two"):
        next(balanced_batches(torch.tensor(labels), size, 1, drawn_by(0)))


def test_half_of_the_partners_are_of_the_same_class_and_all_are_as_likely() -> None:
    labels = torch.tensor([0, 1, 1, 2, 2, 2])
    anchors = torch.full((60_000,), 1)
    counts = drawn_partners(anchors, labels, drawn_by(0)).bincount(minlength=6) / 60_000
    expected = torch.tensor([1 / 8, 1 / 4, 1 / 4, 1 / 8, 1 / 8, 1 / 8])
    assert torch.allclose(counts, expected, atol=0.01)
    with pytest.raises(BadInputError, match="All images are of one class"):
        drawn_partners(torch.tensor([0]), torch.zeros(3, dtype=torch.int64), drawn_by(0))
