"""Torch and Flax do the same: logits, steps, batch statistics, and the batches that a training sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx
from torch import nn
from torch.nn import functional as F

from common.models.flax.cifar_resnet import CifarResNet
from common.models.flax.transfer import from_torch, to_torch
from common.strict import BadInputError
from experiments.architecture_comparison.recipe import optimiser
from experiments.architecture_comparison.settings import RecipeSettings
from experiments.architecture_comparison.shapes import ImageShape
from experiments.architecture_comparison.two_frameworks.flax_recipe import begin, logits_of, step_of
from experiments.architecture_comparison.two_frameworks.flax_training import channels_last
from experiments.architecture_comparison.two_frameworks.twins import flax_twin, torch_network
from tests.experiments.test_architecture_comparison.project import project

SHAPE = ImageShape(channels=3, side=8, classes=5)
SIZES: dict[str, dict[str, Any]] = {
    "resnet": {"depth": 8, "width": 4},
    "vit": {"patch": 4, "width": 12, "depth": 2, "heads": 3},
    "res_mlp": {"patch": 4, "width": 12, "depth": 2, "scale": 0.5},
}


def batch(count: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, 3, 8, 8, generator=generator), torch.arange(count) % 5


def twins(architecture: str) -> tuple[nn.Module, nnx.Module]:
    """No weight is at a special value, such as a classifier at zero."""
    network = torch_network(architecture, SIZES[architecture], SHAPE, seed=0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.1)
    return network, flax_twin(architecture, SIZES[architecture], SHAPE, network)


@pytest.mark.parametrize("architecture", SIZES)
@pytest.mark.parametrize("training", [False, True])
def test_logits_agree(architecture: str, training: bool) -> None:
    network, twin = twins(architecture)
    images, _ = batch()
    network.train(training)
    (twin.train if training else twin.eval)()  # type: ignore[no-untyped-call]
    ours = np.asarray(twin(channels_last(images)))
    np.testing.assert_allclose(ours, network(images).detach().numpy(), atol=2e-5)


@pytest.mark.parametrize("architecture", SIZES)
@pytest.mark.parametrize("method", ["adamw", "sgd"])
def test_eight_steps_of_the_recipe_agree(architecture: str, method: Any) -> None:
    recipe = RecipeSettings(
        name="short", epochs=1, batch_size=16, optimiser=method, nesterov=True, label_smoothing=0.1,
        weight_decay=0.1, no_decay_of_vectors=method == "adamw",
    )  # fmt: skip
    network, twin = twins(architecture)
    images, labels = batch()
    descent = optimiser(network.train(), recipe, 3e-3)
    structure, state = begin(twin, recipe)
    step = jax.jit(step_of(structure, recipe))
    for _ in range(8):
        loss = F.cross_entropy(network(images), labels, label_smoothing=0.1)
        descent.zero_grad()
        loss.backward()
        descent.step()
        state, its = step(state, channels_last(images), labels.numpy(), 3e-3)
        np.testing.assert_allclose(float(its), loss.item(), atol=2e-4)


def test_running_statistics_agree_but_for_the_divisor_of_the_variance() -> None:
    network, twin = twins("resnet")
    images, _ = batch()
    before = network.state_dict()["stem_norm.running_var"].clone()
    network.train()(images)
    twin.train()  # type: ignore[no-untyped-call]
    twin(channels_last(images))
    ours, theirs = to_torch(twin), network.state_dict()
    torch.testing.assert_close(ours["stem_norm.running_mean"], theirs["stem_norm.running_mean"])
    count = 16 * 8 * 8
    flax, own = (state["stem_norm.running_var"] - 0.9 * before for state in (ours, theirs))
    torch.testing.assert_close(flax, own * (count - 1) / count)


@pytest.mark.parametrize("architecture", SIZES)
def test_weights_come_back_as_they_were(architecture: str) -> None:
    network, twin = twins(architecture)
    back = to_torch(twin)
    for name, value in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(back[name], value)


def test_evaluation_leaves_the_statistics() -> None:
    _, twin = twins("resnet")
    structure, state = begin(twin, RecipeSettings(name="short", epochs=1, batch_size=16))
    images = jnp.asarray(channels_last(batch()[0]))
    first, second = (np.asarray(logits_of(structure, state, images)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_what_does_not_fit_is_refused_in_a_sentence() -> None:
    network, twin = twins("resnet")
    wider = CifarResNet(8, 5, nnx.Rngs(0), width=8)
    with pytest.raises(BadInputError, match="in Flax's order; build both networks with the same sizes"):
        from_torch(network.state_dict(), wider)
    with pytest.raises(BadInputError, match="no counterpart in Flax"):
        from_torch({**network.state_dict(), "extra": torch.zeros(1)}, twin)
    with pytest.raises(BadInputError, match="Did you mean 'resnet'"):
        torch_network("resnett", {}, SHAPE, 0)
    with pytest.raises(BadInputError, match="has no mixup; leave that out of 'mixed'"):
        begin(twin, RecipeSettings(name="mixed", epochs=1, batch_size=16, mixup=0.8))
    with pytest.raises(BadInputError, match="no adadelta"):
        begin(twin, RecipeSettings(name="short", epochs=1, batch_size=16, optimiser="adadelta"))
    with pytest.raises(BadInputError, match="can't be cut into patches of 3"):
        torch_network("res_mlp", {"patch": 3, "width": 8, "depth": 1}, SHAPE, 0)


@pytest.mark.slow
def test_both_frameworks_train_alike(tmp_path: Path) -> None:
    made = project(tmp_path, "two_frameworks", "smoke")
    (ours,), (theirs,) = (
        [record for record in made.run("training", name) if record.condition["network"] == "vit"]
        for name in ("flax", "torch")
    )
    assert ours.metrics["first_loss"] == pytest.approx(theirs.metrics["first_loss"], abs=1e-4)
    assert ours.protocol["framework"] == "flax"
