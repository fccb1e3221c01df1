"""EU-k and CF-k: which layers learn, how they begin, and that all else stays as it was."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import nn

from common.models.registry import SMALL_IMAGE_NETWORKS, small_image_network
from common.training.descent import Descent
from common.training.image_set import ImageSet
from experiments.unlearning.baselines.eu_k import initialise
from experiments.unlearning.last_layers import Evaluated, frozen_features, last_layers
from tests.experiments.test_unlearning.method_tasks import (
    DESCENT,
    equal,
    fresh,
    make_task,
    method,
    state,
    unlearned,
)

CLASSIFIER = {"classifier.weight", "classifier.bias"}


@pytest.mark.parametrize("margin", [0, 1])
@pytest.mark.parametrize(("layers", "learned"), [(1, CLASSIFIER), (2, {*CLASSIFIER, "stem.weight"})])
@pytest.mark.parametrize("name", ["eu_k", "cf_k"])
def test_the_last_layers_learn_and_all_else_is_bit_identical(
    name: str, layers: int, learned: set[str], margin: int
) -> None:
    """Running statistics included."""
    before, after = state(make_task().original), unlearned(name, layers=layers, margin=margin)
    assert {key for key in before if not torch.equal(before[key], after[key])} == learned


def test_eu_k_begins_with_new_layers_and_cf_k_with_the_originals() -> None:
    task = make_task(learning_rate=1e-12, layers=2)
    generator = task.generator("initialisation")
    stem = nn.init.xavier_uniform_(torch.empty(6, 3, 3, 3), generator=generator)
    classifier = torch.empty(4, 6).normal_(generator=generator)
    new, old = state(method("eu_k").unlearn(task)), state(method("cf_k").unlearn(task))
    torch.testing.assert_close(new["stem.weight"], stem)
    torch.testing.assert_close(new["classifier.weight"], classifier)
    torch.testing.assert_close(new["classifier.bias"], torch.zeros(4))
    torch.testing.assert_close(old, state(task.original))


@pytest.mark.parametrize("bias", [True, False])
def test_new_weights_have_the_moments_of_their_distributions(bias: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    linear, convolution = nn.Linear(100, 100, bias=bias), nn.Conv2d(20, 30, 3, bias=bias)
    initialise(linear, generator)
    initialise(convolution, generator)
    for layer in (linear, convolution):
        layer.requires_grad_(False)
    assert float(linear.weight.std()) == pytest.approx(1, abs=0.03)
    assert float(linear.weight.mean()) == pytest.approx(0, abs=0.03)
    bound = (6 / (20 * 9 + 30 * 9)) ** 0.5  # Glorot and Bengio 2010, equation 16
    assert float(convolution.weight.abs().max()) == pytest.approx(bound, rel=0.01)
    assert float(convolution.weight.std()) == pytest.approx(bound / 3**0.5, rel=0.05)
    assert not any(layer.bias.any() for layer in (linear, convolution) if layer.bias is not None)


def test_cf_k_of_all_layers_is_ft_where_nothing_is_normalised() -> None:
    kinds: dict[str, Any] = {"normalised": False}
    assert equal(unlearned("cf_k", layers=2, **kinds), unlearned("ft", **kinds))
    assert not equal(unlearned("cf_k", layers=1, **kinds), unlearned("ft", **kinds))


def test_features_that_are_computed_once_give_what_the_whole_network_gives() -> None:
    task = make_task()
    network = method("no_unlearning").unlearn(task)
    parameters = [parameter for layer in last_layers(network, 1) for parameter in layer.parameters()]
    Descent(Evaluated(network), DESCENT, 0.05, parameters=parameters).run(
        task.retain, task.generator("order")
    )
    torch.testing.assert_close(state(method("cf_k").unlearn(task)), state(network))


def test_features_are_those_of_the_network() -> None:
    task = make_task()
    (batch,), features = task.retain.clean(), frozen_features(task.original, task.retain)
    assert isinstance(features, ImageSet)
    found = next(features.clean()).images
    assert found.shape == (48, 6, 1, 1)
    assert torch.equal(found[:, :, 0, 0], task.original.features(batch.images))  # type: ignore[operator]
    assert torch.equal(features.labels, batch.labels)


def test_the_images_are_read_once_where_the_body_never_changes() -> None:
    passes = {"body": 0}
    task = make_task(descent=DESCENT.model_copy(update={"epochs": 9}))
    network = fresh("counted")

    def count(*_: Any) -> None:
        passes["body"] += 1

    network.stem.register_forward_hook(count)  # type: ignore[union-attr]
    method("cf_k").unlearn(dataclasses.replace(task, original=network.eval()))
    assert passes["body"] == 1


@pytest.mark.parametrize("name", sorted(SMALL_IMAGE_NETWORKS))
def test_the_last_layer_of_every_network_is_its_classifier(name: str) -> None:
    network = small_image_network(name, 10)
    assert last_layers(network, 1) == [network.classifier]
    assert last_layers(network, 2)[1] is network.classifier
    assert isinstance(last_layers(network, 2)[0], nn.Conv2d)
