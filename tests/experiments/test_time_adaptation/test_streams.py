"""Streams: every image comes once, in the order that the kind of stream says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from common.strict import BadInputError
from common.training.images import Standardise
from experiments.test_time_adaptation.online import pass_through
from experiments.test_time_adaptation.streams import Stream, StreamName, make_stream, rising_and_falling
from experiments.test_time_adaptation.test_sets import TestSet

NAMES: list[StreamName] = ["reset", "continual", "gradual", "mixed", "correlated", "episodic"]
LABELS = [torch.arange(40) % 4, torch.arange(24) % 4]


def stream(name: StreamName, batch_size: int = 10, seed: int = 0, concentration: float = 0.1) -> Stream:
    return make_stream(name, LABELS, batch_size, torch.Generator().manual_seed(seed), concentration)


@settings(deadline=None)
@given(name=st.sampled_from(NAMES), batch_size=st.integers(1, 70), seed=st.integers(0, 50))
def test_every_image_comes_once(name: StreamName, batch_size: int, seed: int) -> None:
    found = torch.cat([batch.places for batch in stream(name, batch_size, seed).batches()]).tolist()
    places = [[number, place] for number, of_set in enumerate(LABELS) for place in range(len(of_set))]
    assert sorted(found) == places


@pytest.mark.parametrize(
    ("name", "anew"),
    [
        ("reset", [True, False, False, False, True, False, False]),
        ("continual", [True, False, False, False, False, False, False]),
        ("correlated", [True, False, False, False, False, False, False]),
        ("episodic", [True] * 7),
        ("mixed", [True, False, False, False, False, False, False]),
    ],
)
def test_when_the_network_is_reset(name: StreamName, anew: list[bool]) -> None:
    assert [batch.starts_anew for batch in stream(name).batches()] == anew


def test_batches_hold_one_set_unless_the_stream_is_mixed() -> None:
    assert all(len(batch.places[:, 0].unique()) == 1 for batch in stream("continual", 9).batches())
    assert any(len(batch.places[:, 0].unique()) == 2 for batch in stream("mixed", 9).batches())


def test_classes_come_in_bursts_where_a_stream_is_correlated() -> None:
    labels = [torch.arange(1000) % 10]

    def changes(name: StreamName) -> int:
        made = make_stream(name, labels, 1000, torch.Generator().manual_seed(0))
        (batch,) = made.batches()
        return int((labels[0][batch.places[:, 1]].diff() != 0).sum())

    assert changes("continual") > 800  # of 999, nine tenths in the mean
    assert changes("correlated") < 100  # at most ten classes in each of ten stretches


def test_the_seed_is_all_that_an_order_hangs_on() -> None:
    one, again, other = (
        torch.cat([batch.places for batch in stream("correlated", seed=seed).batches()]) for seed in (3, 3, 4)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_severities_rise_and_fall() -> None:
    assert rising_and_falling([3, 1, 2]) == [1, 2, 3, 2, 1]
    assert rising_and_falling([5]) == [5]


def test_an_empty_test_set_is_refused() -> None:
    with pytest.raises(BadInputError, match="one of its test sets is empty"):
        make_stream("reset", [torch.arange(3), torch.arange(0)], 2, torch.Generator())


class ReadsOff:
    """Finds the class in the first pixel; counts how often it was begun, and what it met."""

    begun = 0

    def __init__(self) -> None:
        type(self).begun += 1

    def step(self, images: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot(images[:, 0, 0, 0].round().long(), 4).float()


@pytest.mark.parametrize("name", NAMES)
def test_each_prediction_meets_the_label_of_its_image(name: StreamName) -> None:
    sets = []
    for number, of_set in enumerate(LABELS):
        shown = of_set[:, None, None, None].expand(-1, 2, 2, 3).to(torch.uint8).clone()
        shown[:: number + 2] = 3 - shown[:: number + 2]  # these will be wrong
        sets.append(TestSet(shown, of_set))
    plain = Standardise(torch.zeros(3), torch.ones(3))
    ReadsOff.begun = 0
    passage = pass_through(stream(name), sets, plain, ReadsOff)
    assert [len(part) for part in passage.wrong] == [40, 24]
    np.testing.assert_allclose(passage.errors(), [100 * 20 / 40, 100 * 8 / 24])
    assert ReadsOff.begun == {"reset": 2, "episodic": 7}.get(name, 1)
