"""Scores by hand, by loops of gradients, and by torch for the same weights."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from experiments.unlearning.data_diet import scores
from experiments.unlearning.data_diet.networks import Numbers, architecture, fresh_networks, taken
from tests.experiments.test_unlearning.test_data_diet.small import SHAPE, made_up

P = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]])
Y = np.array([0, 2])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        # (-.5, .3, .2) and (.1, .8, -.9)
        ("el2n", [0.38**0.5, 1.46**0.5]),
        ("l1_error", [1.0, 1.8]),
        ("max_margin", [0.3 - 0.5, 0.8 - 0.1]),
        ("sum_margin", [(0.3 - 0.5) + (0.2 - 0.5), (0.1 - 0.1) + (0.8 - 0.1)]),
        ("loss", [-np.log(0.5), -np.log(0.1)]),
    ],
)
def test_scores_by_hand(name: str, values: list[float]) -> None:
    assert scores.ERROR_SCORES[name](P, Y) == pytest.approx(np.array(values))


def test_the_error_is_largest_where_a_network_is_sure_of_a_wrong_class() -> None:
    sure = np.eye(3)[[1, 1]]
    assert scores.el2n(sure, np.array([0, 1])) == pytest.approx(np.array([2**0.5, 0.0]))


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("small_cnn_quarter", "resnet18_narrow")]


@pytest.mark.parametrize("name", ["perceptron", *SLOW])
def test_grand_is_the_norm_of_each_gradient_taken_alone(name: str) -> None:
    images, built = made_up(3), architecture(name, SHAPE)
    networks = fresh_networks(name, SHAPE, [1, 2])
    vectorised = scores.Grand(built, "vmapped", at_once=2)(networks, images)
    for place in range(2):
        own = taken(networks, place)
        for example in range(3):
            image, label = images.pixels[example], images.labels[example]

            def loss(
                parameters: object, own: Numbers = own, image: jax.Array = image, label: int = label
            ) -> jax.Array:
                logits = built.logits(Numbers(parameters, own.statistics), image[None])
                return -jax.nn.log_softmax(logits[0])[label]

            leaves = [np.asarray(leaf).ravel() for leaf in jax.tree.leaves(jax.grad(loss)(own.parameters))]
            alone = np.linalg.norm(np.concatenate(leaves))
            assert vectorised[place, example] == pytest.approx(alone, rel=1e-4)


def test_grand_is_that_of_torch_for_the_same_weights() -> None:
    images = made_up(4)
    networks = fresh_networks("perceptron", SHAPE, [3])
    own = taken(networks, 0).parameters
    layers = [nn.Linear(64, 128), nn.Linear(128, 128), nn.Linear(128, 3)]
    for layer, name in zip(layers, ("first", "second", "classifier"), strict=True):
        kernel, bias = own[name]["kernel"][...], own[name]["bias"][...]
        layer.weight.data = torch.tensor(np.asarray(kernel).T.copy())
        layer.bias.data = torch.tensor(np.asarray(bias))
    network = nn.Sequential(nn.Flatten(), layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
    expected = []
    for pixels, label in zip(np.asarray(images.pixels), images.labels, strict=True):
        loss = F.cross_entropy(network(torch.tensor(pixels)[None]), torch.tensor([label]))
        gradients = torch.autograd.grad(loss, list(network.parameters()))
        expected.append(float(torch.cat([gradient.flatten() for gradient in gradients]).norm()))
    found = scores.Grand(architecture("perceptron", SHAPE), "looped", at_once=4)(networks, images)
    assert found[0] == pytest.approx(np.array(expected), rel=1e-4)


def test_the_closed_form_is_the_last_layers_part_of_the_gradient() -> None:
    images, built = made_up(4), architecture("perceptron", SHAPE)
    own = taken(fresh_networks("perceptron", SHAPE, [5]), 0)
    logits = np.asarray(built.logits(own, images.pixels), np.float64)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    features = np.asarray(built.features(own, images.pixels), np.float64)
    closed = scores.last_layer_grand(probabilities, images.labels, features)
    for example in range(4):
        target = jnp.array(images.labels[example])

        def loss(parameters: object, example: int = example, target: jax.Array = target) -> jax.Array:
            logits = built.logits(Numbers(parameters, own.statistics), images.pixels[example : example + 1])
            return -jax.nn.log_softmax(logits[0])[target]

        last = jax.tree.leaves(jax.grad(loss)(own.parameters)["classifier"])
        expected = np.sqrt(sum(float(jnp.square(leaf).sum()) for leaf in last))
        assert closed[example] == pytest.approx(expected, rel=1e-4)


def test_scores_follow_their_examples_when_these_are_permuted() -> None:
    images, built = made_up(6), architecture("perceptron", SHAPE)
    networks = fresh_networks("perceptron", SHAPE, [1])
    order = np.array([3, 0, 5, 1, 4, 2])
    moved = type(images)(images.pixels[order], images.labels[order])
    grand = scores.Grand(built, "vmapped", at_once=6)
    assert grand(networks, moved)[0] == pytest.approx(grand(networks, images)[0][order], rel=1e-5)
    shuffled = scores.el2n(P[[1, 0]], Y[[1, 0]])
    assert np.array_equal(shuffled, scores.el2n(P, Y)[[1, 0]])
