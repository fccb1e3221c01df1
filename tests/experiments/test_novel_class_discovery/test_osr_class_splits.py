"""Splits into known and unknown classes: the published ones, random ones, and what is refused."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from common.strict import BadInputError
from experiments.novel_class_discovery.osr_closed_set.class_splits import (
    PUBLISHED,
    OpenSetSplit,
    given_split,
    published_split,
    random_split,
)

TEN = range(10)


@pytest.mark.parametrize("dataset", PUBLISHED)
@pytest.mark.parametrize("number", range(5))
def test_published_splits_have_six_known_and_four_unknown_classes(dataset: str, number: int) -> None:
    split = published_split(dataset, number, TEN)
    assert (len(split.known), len(split.unknown)) == (6, 4)
    assert sorted(split.known + split.unknown) == list(TEN)


def test_labels_follow_the_published_order() -> None:
    assert published_split("mnist", 0, TEN).known == (2, 4, 5, 9, 8, 3)
    assert published_split("cifar10", 4, TEN) == OpenSetSplit((2, 4, 1, 7, 9, 6), (0, 3, 5, 8))


@given(st.integers(0, 10**6), st.integers(2, 9))
def test_random_splits_divide_all_classes_and_repeat(seed: int, known: int) -> None:
    first, again = (random_split("toy", known, torch.Generator().manual_seed(seed), TEN) for _ in range(2))
    assert first == again
    assert len(first.known) == known
    assert sorted(first.known + first.unknown) == list(TEN)


def test_every_class_is_unknown_about_as_often() -> None:
    counts = [0] * 10
    for seed in range(500):
        for label in random_split("toy", 6, torch.Generator().manual_seed(seed), TEN).unknown:
            counts[label] += 1
    assert min(counts) > 150
    assert max(counts) < 250


@pytest.mark.parametrize(
    ("known", "unknown", "sentence"),
    [
        ((0, 1), (), "There are no unknown classes.*leave some"),
        ((0, 1, 2), (2, 3), r"Classes \[2\] are known and unknown at once.*take them out"),
        ((0, 1, 1), (2,), "The known classes .* name a class twice"),
        ((0, 1), (2, 2), "The unknown classes .* name a class twice"),
        ((0,), (2,), "There are 1 known class.*name more"),
    ],
)
def test_what_is_no_split_is_refused(known: tuple[int, ...], unknown: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        OpenSetSplit(known, unknown)


def test_a_data_set_with_fewer_classes_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"names the classes \[8, 9\], but mnist has only \[0, 1, 2, 3"):
        published_split("mnist", 0, range(8))
    with pytest.raises(BadInputError, match="6 known classes leave none of the 6 of toy"):
        random_split("toy", 6, torch.Generator(), range(6))
    with pytest.raises(BadInputError, match=r"names the classes \[7\]"):
        given_split("toy", [0, 1], [7], range(5))


def test_a_split_that_was_never_published_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"5 published splits of mnist.*none for seed 5"):
        published_split("mnist", 5, TEN)
    with pytest.raises(BadInputError, match=r"No published split of 'cifar100'.*Did you mean 'cifar10'"):
        published_split("cifar100", 0, TEN)
