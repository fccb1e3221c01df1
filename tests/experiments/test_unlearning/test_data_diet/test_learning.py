"""Ensembles learn the same whichever way they are run; orders and steps are those of the paper."""

from __future__ import annotations

from dataclasses import replace

import jax
import numpy as np
import pytest

from common.strict import BadInputError
from experiments.unlearning.data_diet.learning import State, train
from experiments.unlearning.data_diet.networks import architecture, fresh_networks, taken
from experiments.unlearning.data_diet.settings import DietTraining, Way
from experiments.unlearning.data_diet.visits import Order
from tests.experiments.test_unlearning.test_data_diet.small import SHAPE, learner, made_up, orders


def trained(name: str, way: Way, networks: int = 2) -> State:
    student = learner(name, way)
    start = student.start(fresh_networks(name, SHAPE, range(networks)))
    return train(student, start, orders(12, networks), made_up(), range(2))


def trained_in_double_precision(name: str, way: Way) -> State:
    student, images = learner(name, way, margin=1), made_up()
    numbers = jax.tree.map(lambda leaf: leaf.astype(float), fresh_networks(name, SHAPE, range(2)))
    images = replace(images, pixels=images.pixels.astype(float))
    return train(student, student.start(numbers), orders(12, 2, margin=1), images, range(2))


def leaves(state: State) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(state)]


@pytest.mark.parametrize("name", ["perceptron", pytest.param("resnet18_narrow", marks=pytest.mark.slow)])
def test_vectorised_scanned_and_looped_differ_by_rounding_alone(name: str) -> None:
    """In float64: batch norm over four images and ReLU make float32's 1e-7 grow to 0.1 in these six steps."""
    with jax.enable_x64(True):
        vmapped, scanned, looped = (
            leaves(trained_in_double_precision(name, way)) for way in ("vmapped", "scanned", "looped")
        )
    for first, second, third in zip(vmapped, scanned, looped, strict=True):
        assert first == pytest.approx(second, abs=1e-6)
        assert first == pytest.approx(third, abs=1e-6)


def test_a_network_of_an_ensemble_learns_as_it_would_alone() -> None:
    both = taken(trained("perceptron", "vmapped", networks=2), 0)
    alone = taken(trained("perceptron", "vmapped", networks=1), 0)
    for first, second in zip(jax.tree.leaves(both), jax.tree.leaves(alone), strict=True):
        assert np.asarray(first) == pytest.approx(np.asarray(second), abs=1e-5)


def test_a_training_repeats_bit_by_bit() -> None:
    for first, second in zip(*(leaves(trained("perceptron", "vmapped")) for _ in range(2)), strict=True):
        assert np.array_equal(first, second)


def test_one_step_is_nesterov_sgd_with_weight_decay_by_hand() -> None:
    """v = g + wd w; w <- w - lr (v + momentum v) at the first step, where the velocity is v."""
    student, images = learner(), made_up(4)
    start = student.start(fresh_networks("perceptron", SHAPE, [7]))
    seen = Order(np.arange(4), 4, 0, 0)
    after = student.advance(start, [seen], images, range(1))
    before = taken(start.numbers, 0).parameters

    def loss(parameters: object) -> jax.Array:
        logits, _ = student.architecture.trained_logits(
            parameters, taken(start.numbers, 0).statistics, images.pixels
        )
        return -jax.nn.log_softmax(logits)[np.arange(4), images.labels].mean()

    gradient = jax.grad(loss)(before)
    expected = jax.tree.map(lambda w, g: w - 0.1 * 1.9 * (g + 0.0005 * w), before, gradient)
    found = taken(after.numbers, 0).parameters
    for first, second in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        assert np.asarray(first) == pytest.approx(np.asarray(second), abs=1e-6)


def test_the_learning_rate_drops_at_shares_of_the_steps() -> None:
    settings = DietTraining(epochs=10, batch_size=4, learning_rate=0.1)
    student = learner()
    student = type(student)(student.architecture, settings, 100, 0, "vmapped")
    state = jax.vmap(student.optimiser.init)(fresh_networks("perceptron", SHAPE, [1]).parameters)
    counts = [leaf for leaf in jax.tree.leaves(state) if leaf.dtype == np.int32]
    assert len(counts) == 1  # the schedule counts steps, once for each network


def test_passes_visit_every_example_once_and_drop_what_fills_no_batch() -> None:
    order = Order(np.array([1, 4, 6, 7, 9]), 2, 0, 0)
    places = order.visits(0, 4).places
    for number in (places[:2], places[2:]):
        assert len(np.unique(number)) == 4
        assert set(number.ravel()) <= {1, 4, 6, 7, 9}
    assert np.array_equal(order.visits(3, 1).places[0], places[3])


def test_pruned_sets_are_trained_for_as_many_steps_and_refused_below_a_batch() -> None:
    settings = DietTraining(epochs=3, batch_size=4, learning_rate=0.1)
    assert settings.steps(13) == 9
    with pytest.raises(BadInputError, match="are less than a batch of 4"):
        settings.steps_per_epoch(3)


def test_an_unknown_network_is_a_sentence() -> None:
    with pytest.raises(BadInputError, match=r"no network 'resnet19' in Flax\. Did you mean 'resnet18'"):
        architecture("resnet19", SHAPE)
