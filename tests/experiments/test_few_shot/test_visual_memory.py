"""The visual memory: votes by hand, and deletion that is bit for bit a memory built without."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from common.strict import BadInputError
from experiments.few_shot.baselines import nearest_neighbour, rank_voting
from experiments.few_shot.visual_memory import VisualMemory

CLASSES = 4


def items(count: int, seed: int, dimension: int = 7) -> tuple[Tensor, Tensor]:
    """Float32 features of which some are repeated, so that neighbours tie, and labels."""
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(max(1, count // 2), dimension, generator=generator)
    repeated = torch.randint(len(features), (count,), generator=generator)
    return features[repeated], torch.randint(CLASSES, (count,), generator=generator)


QUERIES = torch.randn(9, 7, generator=torch.Generator().manual_seed(99))


def test_votes_worked_out_by_hand() -> None:
    memory = VisualMemory.of(torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]]), torch.tensor([0, 1, 1]))
    (votes,) = memory.votes(torch.tensor([[3.0, 0.1]]), classes=3)
    assert votes.tolist() == pytest.approx([1 / 3, 1 / 4 + 1 / 5, 0.0], abs=1e-11)
    (of_two,) = memory.votes(torch.tensor([[3.0, 0.1]]), classes=3, count=2)
    assert of_two.tolist() == pytest.approx([1 / 3, 1 / 4, 0.0], abs=1e-11)


def test_neighbours_are_scikit_learn_s_by_cosine() -> None:
    features = torch.randn(40, 7, generator=torch.Generator().manual_seed(3))
    oracle = NearestNeighbors(n_neighbors=40, metric="cosine").fit(features)
    found = VisualMemory.of(features, torch.zeros(40, dtype=torch.int64)).neighbours(QUERIES)
    assert found.tolist() == oracle.kneighbors(QUERIES, return_distance=False).tolist()


@given(count=st.integers(2, 40), seed=st.integers(0, 1000), data=st.data())
def test_a_deleted_item_leaves_no_trace(count: int, seed: int, data: st.DataObject) -> None:
    features, labels = items(count, seed)
    deleted = torch.tensor(data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=count - 1)))
    kept = torch.tensor([place for place in range(count) if place not in deleted.tolist()])
    if not len(kept):
        return
    after = VisualMemory.of(features, labels).without(deleted)
    never = VisualMemory.of(features[kept], labels[kept])
    assert torch.equal(after.features, never.features)
    assert torch.equal(after.neighbours(QUERIES), never.neighbours(QUERIES))
    assert torch.equal(after.votes(QUERIES, CLASSES), never.votes(QUERIES, CLASSES))


@given(count=st.integers(1, 30), seed=st.integers(0, 1000))
def test_answers_do_not_hang_on_what_else_is_in_the_memory(count: int, seed: int) -> None:
    """The order of the kept items among all is their order without the others: cosines are exact."""
    features, labels = items(count + 20, seed)
    everything, few = VisualMemory.of(features, labels), VisualMemory.of(features[:count], labels[:count])
    order = everything.neighbours(QUERIES)
    assert torch.equal(order[order < count].view(len(QUERIES), -1), few.neighbours(QUERIES))


def test_items_added_later_are_as_those_from_the_start() -> None:
    features, labels = items(20, 1)
    grown = VisualMemory.of(features[:5], labels[:5]).with_items(features[5:], labels[5:])
    whole = VisualMemory.of(features, labels)
    assert torch.equal(grown.votes(QUERIES, CLASSES), whole.votes(QUERIES, CLASSES))


def test_a_deleted_class_is_never_predicted() -> None:
    features, labels = items(30, 2)
    memory = VisualMemory.of(features, labels).without(torch.nonzero(labels == 1)[:, 0])
    assert (memory.votes(QUERIES, CLASSES)[:, 1] == 0).all()


def test_tasks_are_remembered_side_by_side() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    support, queries = torch.randn(3, 4, 7), torch.randn(3, 5, 7)
    together = rank_voting.classify(support, labels, queries)
    alone = [VisualMemory.of(support[task], labels).votes(queries[task], 2) for task in range(3)]
    assert torch.equal(together, torch.stack(alone))


def test_with_one_shot_the_closest_decides() -> None:
    unit = torch.nn.functional.normalize(torch.randn(6, 9, 7, dtype=torch.float64), dim=-1)
    support, labels = unit[:, :4], torch.arange(4)
    voted = rank_voting.classify(support, labels, unit[:, 4:]).argmax(-1)
    assert torch.equal(voted, nearest_neighbour.classify(support, labels, unit[:, 4:]).argmax(-1))


def test_bad_input_is_met_with_a_sentence() -> None:
    features, labels = items(3, 0)
    memory = VisualMemory.of(features, labels)
    with pytest.raises(BadInputError, match="can't be deleted: the memory has those from 0 to 2"):
        memory.without(torch.tensor([3]))
    with pytest.raises(BadInputError, match="An empty memory has no neighbours"):
        memory.without(torch.arange(3)).votes(QUERIES, CLASSES)
    with pytest.raises(BadInputError, match=r"3 item\(s\) was given 2 label\(s\)"):
        VisualMemory.of(features, labels[:2])
    with pytest.raises(BadInputError, match="not finite"):
        VisualMemory.of(features * float("nan"), labels)
