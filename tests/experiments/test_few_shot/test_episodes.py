"""Episodes: exact, disjoint, seeded, and refused in a sentence where they can't be drawn."""

from __future__ import annotations

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from common.strict import BadInputError
from experiments.few_shot.episodes import EpisodeShape, distinct_ranks, sample_episodes


def drawn_by(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(st.lists(st.integers(4, 9), min_size=2, max_size=5), st.integers(0, 1000), st.data())
def test_supports_and_queries_are_distinct_images_of_the_right_classes(
    sizes: list[int], seed: int, data: st.DataObject
) -> None:
    labels = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
    labels = labels[torch.randperm(len(labels), generator=drawn_by(seed))]
    ways = data.draw(st.integers(1, len(sizes)))
    shots = data.draw(st.integers(1, 3))
    episodes = sample_episodes(labels, EpisodeShape(ways, shots, min(sizes) - shots), 7, drawn_by(seed))
    together = torch.cat([episodes.support, episodes.queries], dim=2)
    assert (labels[together] == episodes.classes[..., None]).all()
    assert all(len(set(task.flatten().tolist())) == task.numel() for task in together)
    assert all(len(set(classes.tolist())) == ways for classes in episodes.classes)


def test_one_seed_gives_one_list_of_episodes() -> None:
    labels = torch.arange(5).repeat(8)
    one, again, other = (sample_episodes(labels, EpisodeShape(3, 2, 2), 50, drawn_by(s)) for s in (1, 1, 2))
    assert torch.equal(one.support, again.support)
    assert torch.equal(one.queries, again.queries)
    assert not torch.equal(one.support, other.support)


def test_every_ordered_choice_is_as_likely() -> None:
    """3 of 5 in order: 60 outcomes; Floyd's subsets alone would come in a few orders more often."""
    ranks = distinct_ranks(torch.full((60_000,), 5), 3, drawn_by(0))
    codes = ranks @ torch.tensor([25, 5, 1])
    counts = torch.bincount(codes)
    assert (counts > 0).sum() == 60
    assert chisquare(counts[counts > 0].numpy()).pvalue > 0.001


def test_a_class_that_is_exactly_large_enough_is_used_up() -> None:
    episodes = sample_episodes(torch.zeros(6, dtype=torch.int64), EpisodeShape(1, 2, 4), 3, drawn_by(0))
    together = torch.cat([episodes.support, episodes.queries], dim=2)
    assert torch.equal(together.sort().values, torch.arange(6).expand(3, 1, 6))


@pytest.mark.parametrize(
    ("shape", "episodes", "sentence"),
    [
        (EpisodeShape(6, 1, 1), 1, "6-way episodes can't be drawn from 5 classes; lower 'ways'."),
        (EpisodeShape(5, 5, 4), 1, "5 shots and 4 queries need 9 images, but class 0 has 8; lower 'shots'"),
        (EpisodeShape(5, 1, 1), 0, "0 episodes have no mean accuracy; ask for at least one."),
        (EpisodeShape(5, 0, 1), 1, "is empty; each must be at least one."),
    ],
)
def test_what_can_not_be_drawn_is_said(shape: EpisodeShape, episodes: int, sentence: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(sentence)):
        sample_episodes(torch.arange(5).repeat(8), shape, episodes, drawn_by(0))
