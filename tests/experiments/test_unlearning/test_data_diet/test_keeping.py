"""Which places a pruned set keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.strict import BadInputError
from experiments.unlearning.data_diet import keeping

SCORES = np.array([0.9, 0.1, 0.5, 0.7, 0.3])


def test_highest_lowest_and_windows_by_hand() -> None:
    assert keeping.highest(SCORES, 0.4).tolist() == [0, 3]
    assert keeping.lowest(SCORES, 0.4).tolist() == [1, 4]
    assert keeping.window(SCORES, 0.4, 0.2).tolist() == [2, 4]
    assert keeping.window(SCORES, 0.4, 0.6).tolist() == keeping.highest(SCORES, 0.4).tolist()
    assert keeping.highest(SCORES, 1.0).tolist() == [0, 1, 2, 3, 4]


def test_the_size_is_rounded_up_and_not_by_a_rounding_error() -> None:
    assert keeping.kept_size(0.5, 5) == 3
    assert keeping.kept_size(0.7, 10) == 7


@given(st.integers(2, 60), st.floats(0.05, 1.0), st.randoms())
def test_what_is_kept_scores_at_least_what_is_pruned(count: int, kept: float, chance: object) -> None:
    values = np.random.default_rng(count).random(count)
    places = keeping.highest(values, kept)
    pruned = np.setdiff1d(np.arange(count), places)
    assert len(places) == keeping.kept_size(kept, count)
    assert np.all(np.diff(places) > 0)
    assert not len(pruned) or values[places].min() >= values[pruned].max()


def test_random_subsets_hang_on_their_generator_alone() -> None:
    first, again, other = (keeping.random(20, 0.5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first)) == 10


def test_relabelling_permutes_a_share_of_the_labels() -> None:
    labels = np.arange(100) % 10
    changed = keeping.relabelled(labels, 0.2, np.random.default_rng(0))
    assert 10 <= (changed != labels).sum() <= 20
    assert np.array_equal(np.bincount(changed), np.bincount(labels))
    assert np.array_equal(keeping.relabelled(labels, 0.0, np.random.default_rng(0)), labels)


@pytest.mark.parametrize("kept", [0.0, -0.1, 1.5])
def test_a_fraction_that_keeps_nothing_is_refused(kept: float) -> None:
    with pytest.raises(BadInputError, match=r"The kept fraction is .*such as 0\.5"):
        keeping.highest(SCORES, kept)


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(BadInputError, match="1 of 2 scores are not a number"):
        keeping.lowest(np.array([0.1, np.nan]), 0.5)


def test_a_window_that_passes_the_end_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"passes the last one; choose offsets from 0 to 0\.6"):
        keeping.window(SCORES, 0.4, 0.8)
