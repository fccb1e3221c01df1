"""Forget sets by chance and by scores, what no protocol can use, and the file that keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from common.strict import BadInputError
from experiments.unlearning import forget_sets
from experiments.unlearning.forget_sets import ForgetSets

LABELS = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def places(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.int64)


@pytest.mark.parametrize(("ratio", "size"), [(0.1, 450), (0.01, 45), (0.2, 900), (1e-9, 1), (0.9999, 4500)])
def test_sizes(ratio: float, size: int) -> None:
    assert forget_sets.size_of(ratio, 4500) == size


@pytest.mark.parametrize("ratio", [0, 1, -0.1, 10, float("nan")])
def test_a_ratio_that_is_no_share_is_refused(ratio: float) -> None:
    with pytest.raises(BadInputError, match=r"between 0 and 1, such as 0\.1"):
        forget_sets.size_of(ratio, 100)


@given(
    st.integers(2, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n // 2))), st.integers(0, 9)
)
def test_a_random_set_and_its_tuning_set_are_apart(sizes: tuple[int, int], seed: int) -> None:
    count, m = sizes
    chosen, tuned = forget_sets.random(count, m, chance(seed)), forget_sets.tuning(count, m, chance(seed))
    for found in (chosen, tuned):
        assert len(found.unique()) == m
        assert torch.equal(found, found.sort().values)
        forget_sets.check(found, torch.zeros(count), whole_classes_allowed=True)
    assert forget_sets.overlap(chosen, tuned) == 0


def test_a_tuning_set_is_apart_from_a_larger_random_set() -> None:
    assert (
        forget_sets.overlap(forget_sets.tuning(100, 10, chance()), forget_sets.random(100, 90, chance())) == 0
    )


def test_a_tuning_set_that_does_not_fit_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"Lower the forget ratio to 0\.5"):
        forget_sets.tuning(9, 5, chance())


def test_every_place_is_drawn_equally_often() -> None:
    drawn = torch.cat([forget_sets.random(10, 3, chance(seed)) for seed in range(2000)])
    # 2000 draws of probability 0.3: mean 600, deviation 20.5; five deviations on either side.
    assert all(500 < count < 700 for count in drawn.bincount(minlength=10).tolist())


def test_lowest_and_highest_take_the_first_of_equal_scores() -> None:
    scores = torch.tensor([0.5, 0.1, 0.5, 0.1, 0.1])
    assert forget_sets.lowest(scores, 2).tolist() == [1, 3]
    assert forget_sets.lowest(scores, 4).tolist() == [0, 1, 3, 4]
    assert forget_sets.highest(scores, 1).tolist() == [0]
    assert forget_sets.highest(scores, 3).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("m", "percent"), [(1, 0), (2, 50), (3, 200 / 3), (4, 0), (5, 0)])
def test_how_much_of_a_set_only_the_order_decided(m: int, percent: float) -> None:
    scores = torch.tensor([0.0, 0.5, 0.5, 0.5, 0.9, 1.0])
    assert forget_sets.decided_by_order(scores, m) == pytest.approx(percent)


def test_scores_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(BadInputError, match="not a number"):
        forget_sets.lowest(torch.tensor([0.0, float("nan"), 1.0]), 1)


def test_a_class_balanced_set_takes_the_largest_of_every_class() -> None:
    weights = torch.tensor([9, 1, 1, 8, 2, 2, 7, 3, 3, 6, 4, 4]).double()
    assert forget_sets.class_balanced(weights, LABELS, 3).tolist() == [0, 10, 11]
    # One more: the next of class 0 weighs 8, of the others 3.
    assert forget_sets.class_balanced(weights, LABELS, 4).tolist() == [0, 3, 10, 11]
    # Two more: classes 1 and 2 are equal; the first is taken.
    assert forget_sets.class_balanced(weights, LABELS, 5).tolist() == [0, 3, 7, 10, 11]


@given(st.integers(1, 29), st.integers(0, 5))
def test_a_class_balanced_set_is_balanced(m: int, seed: int) -> None:
    labels = torch.arange(40) % 4
    chosen = forget_sets.class_balanced(torch.rand(40, generator=chance(seed)), labels, m)
    counts = labels[chosen].bincount(minlength=4)
    assert len(chosen.unique()) == m
    assert counts.max() - counts.min() <= 1


def test_a_class_too_small_to_balance_is_named() -> None:
    labels = places(0, 0, 0, 0, 0, 1, 1)
    with pytest.raises(BadInputError, match=r"2 images of every class.*class 1 has only 2"):
        forget_sets.class_balanced(torch.zeros(7), labels, 4)


def test_a_whole_class() -> None:
    assert forget_sets.whole_class(LABELS, 1).tolist() == [1, 4, 7, 10]
    with pytest.raises(BadInputError, match=r"No training image is of class 3\. Known: 0, 1, 2"):
        forget_sets.whole_class(LABELS, 3)


def test_overlap_is_the_share_of_the_first() -> None:
    assert forget_sets.overlap(places(1, 2, 3, 4), places(4, 5)) == 25
    assert forget_sets.overlap(places(4, 5), places(1, 2, 3, 4)) == 50


@pytest.mark.parametrize(
    ("forget", "message"),
    [
        (places(), "0 of 12 can't be forgotten"),
        (torch.arange(12), "12 of 12 can't be forgotten"),
        (places(0, 12), "image 12, but training images count from 0 to 11"),
        (places(-1, 3), "image -1"),
        (places(3, 1, 3), "image 3 twice"),
        (places(0, 2, 5, 8, 11), "all 4 images of class 2.*'class_wise'"),
    ],
)
def test_what_no_protocol_can_use_is_refused(forget: Tensor, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        forget_sets.check(forget, LABELS, whole_classes_allowed=False)


def test_a_whole_class_may_be_forgotten_where_the_protocol_says_so() -> None:
    forget_sets.check(forget_sets.whole_class(LABELS, 2), LABELS, whole_classes_allowed=True)
    forget_sets.check(places(0, 1, 2), LABELS, whole_classes_allowed=False)


@pytest.fixture
def sets() -> ForgetSets:
    chosen = {
        ("worst", 0.1): np.array([3, 5]),
        ("worst", 0.05): np.array([3]),
        ("random", 0.1): np.array([0, 1]),
    }
    return ForgetSets(chosen, {0.1: np.linspace(0, 1, 20)})


def test_what_is_saved_is_read_back(sets: ForgetSets, tmp_path: Path) -> None:
    path = tmp_path / "forget_sets.npz.part"  # as a job's artefact is named before it is whole
    sets.save(path)
    loaded = ForgetSets.load(path)
    assert loaded.places("worst", 0.1).tolist() == [3, 5]
    assert loaded.places("worst", 0.05).tolist() == [3]
    assert loaded.places("random", 0.1).dtype == np.int64
    np.testing.assert_array_equal(loaded.difficulty(0.1), sets.weights[0.1])
    assert loaded.difficulty(0.1).dtype == np.float64


def test_the_same_sets_give_the_same_bytes(sets: ForgetSets, tmp_path: Path) -> None:
    """Later jobs record the hash of the file: it must not hang on when it was written."""
    for name in ("first", "second"):
        sets.save(tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_set_that_is_not_there_is_refused_with_a_suggestion(sets: ForgetSets) -> None:
    with pytest.raises(BadInputError, match=r"no forget set 'wurst'\. Did you mean 'worst'"):
        sets.places("wurst", 0.1)
    with pytest.raises(
        BadInputError, match=r"'worst' of ratio 0\.01\. Did you mean '0\.\d+'\? Add the ratio"
    ):
        sets.places("worst", 0.01)
    with pytest.raises(BadInputError, match=r"not run at ratio 0\.3"):
        sets.difficulty(0.3)


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "forget_sets.npz"
    path.write_text("not an archive")
    with pytest.raises(BadInputError, match="Delete it, and run the selection again"):
        ForgetSets.load(path)
    path.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(BadInputError, match="Delete it, and run the selection again"):
        ForgetSets.load(path)
