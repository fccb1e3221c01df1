"""What every unlearning method keeps to, whatever it does."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from common.strict import BadInputError
from experiments.unlearning.settings import MethodSettings
from tests.experiments.test_unlearning.method_tasks import (
    CLASSES,
    METHODS,
    equal,
    images,
    make_task,
    method,
    state,
    unlearned,
)

LEARNERS = [name for name in METHODS if method(name).LEARNS]
KINDS: list[dict[str, Any]] = [{}, {"margin": 1}]


def test_all_methods_of_the_paper_are_there() -> None:
    assert set(METHODS) - set(LEARNERS) == {"no_unlearning", "retrain_again"}
    assert set(LEARNERS) == {
        *("ft", "l1_sparse", "eu_k", "cf_k", "scrub"),
        *("rl", "be", "be_kept", "bs", "salun"),
    }


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("name", METHODS)
def test_the_original_is_left_as_it_was(name: str, kind: dict[str, Any]) -> None:
    task = make_task(**kind)
    before, pixels = state(task.original), task.forget.images.clone()
    network = method(name).unlearn(task)
    assert equal(state(task.original), before)
    assert not any(module.training for module in task.original.modules())
    assert all(p.requires_grad and p.grad is None for p in task.original.parameters())
    assert torch.equal(task.forget.images, pixels)
    owned = {parameter.data_ptr() for parameter in task.original.parameters()}
    assert not owned & {parameter.data_ptr() for parameter in network.parameters()}


@pytest.mark.parametrize("name", METHODS)
def test_the_network_is_ready_to_be_evaluated(name: str) -> None:
    network = method(name).unlearn(make_task())
    assert not any(module.training for module in network.modules())
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert all(value.isfinite().all() for value in state(network).values())
    logits = network(next(images().clean()).images)
    assert logits.shape == (60, CLASSES + (name == "be_kept"))  # as released, its extra class stays


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("name", METHODS)
def test_it_repeats_bit_by_bit_whatever_the_global_generator(name: str, kind: dict[str, Any]) -> None:
    torch.manual_seed(1)
    first = unlearned(name, **kind)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    second = unlearned(name, **kind)
    assert equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", LEARNERS)
def test_it_changes_the_network_and_differs_from_every_other(name: str) -> None:
    found = unlearned(name)
    assert not equal(found, state(make_task().original))
    assert not any(equal(found, unlearned(other)) for other in METHODS if other != name)


@pytest.mark.parametrize("name", sorted(set(LEARNERS) - {"eu_k", "be_kept"}))
def test_a_tiny_learning_rate_leaves_the_weights_where_they_were(name: str) -> None:
    """EU-k is left out: its last layers are new. So is BE as released: it has an output more."""
    task = make_task(learning_rate=1e-12)
    after, before = (
        dict(method(name).unlearn(task).named_parameters()),
        dict(task.original.named_parameters()),
    )
    for key in before:
        torch.testing.assert_close(after[key], before[key], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", LEARNERS)
def test_an_unlearned_network_can_be_unlearned_again(name: str) -> None:
    """No hook, frozen weight or wrapper is left behind."""
    network = method(name).unlearn(make_task(leaky_mask=True))
    assert not any(parameter._backward_hooks for parameter in network.parameters())
    assert [name for name, _ in network.named_modules()] == [
        name for name, _ in make_task().original.named_modules()
    ]


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ({"learning_rate": None}, "give it a 'learning_rate', or gather a step that tunes it"),
        ({"descent": None}, "give it a 'descent' with epochs and batch_size"),
        ({"forgotten": 0}, "The forget set is empty"),
    ],
    ids=["no rate", "no descent", "nothing to forget"],
)
def test_a_task_that_cannot_be_learned_gets_a_sentence(
    name: str, kind: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInputError, match=sentence):
        method(name).unlearn(make_task(**kind))


@pytest.mark.parametrize("name", ["rl", "salun"])
def test_random_labels_need_two_classes(name: str) -> None:
    with pytest.raises(BadInputError, match="two or more classes"):
        method(name).unlearn(make_task(classes=1))


@pytest.mark.parametrize("name", ["eu_k", "cf_k"])
def test_more_layers_than_there_are_get_a_sentence(name: str) -> None:
    with pytest.raises(BadInputError, match="'layers' is 3, but the network has 2 convolutional or linear"):
        method(name).unlearn(make_task(layers=3))


def test_defects_of_the_official_code_are_off_by_default() -> None:
    switches = ("any_label", "leaky_mask")
    assert not any(getattr(MethodSettings(), switch) for switch in switches)
