"""Forgetting events counted by hand."""

from __future__ import annotations

import numpy as np

from experiments.unlearning.data_diet.forgetting import Forgetting


def test_events_by_hand_and_never_learnt() -> None:
    """0: right, wrong, right, wrong (2 events); 1: never right; 2: right always; 3: wrong, then right."""
    right = np.array([[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 1]], bool).T
    forgetting = Forgetting.of(networks=2, examples=4)
    for epoch in range(4):
        order = np.random.default_rng(epoch).permutation(4)
        places = np.stack([order.reshape(2, 2), np.arange(4).reshape(2, 2)])
        forgetting(places, right[epoch][places])
    assert forgetting.score(epochs=4).tolist() == [[2, 5, 0, 0]] * 2


def test_an_example_that_a_pass_left_out_keeps_its_last_state() -> None:
    forgetting = Forgetting.of(networks=1, examples=3)
    for places, right in (([0, 1], [True, True]), ([2, 1], [False, True]), ([0, 2], [False, True])):
        forgetting(np.array([[places]]), np.array([[right]]))
    assert forgetting.score(epochs=3).tolist() == [[1, 0, 0]]


def test_several_steps_in_one_call_are_those_steps_one_by_one() -> None:
    chance = np.random.default_rng(1)
    places = np.stack([[chance.permutation(6)[:3] for _ in range(5)] for _ in range(2)])
    correct = chance.random(places.shape) < 0.5
    together, apart = Forgetting.of(2, 6), Forgetting.of(2, 6)
    together(places, correct)
    for step in range(5):
        apart(places[:, step : step + 1], correct[:, step : step + 1])
    assert np.array_equal(together.score(5), apart.score(5))
