"""Trials side by side learn as each would alone, and as torch's own layers and optimiser would have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.novel_class_discovery.tabular_ncd.batches import batches
from experiments.novel_class_discovery.tabular_ncd.encoders import encoded, encoder, unit_length
from experiments.novel_class_discovery.tabular_ncd.grouped_adamw import GroupedAdamW
from experiments.novel_class_discovery.tabular_ncd.grouped_layers import (
    GroupedBatchNorm,
    GroupedDropout,
    GroupedLinear,
)
from experiments.novel_class_discovery.tabular_ncd.projection import Projection, train_projection
from experiments.novel_class_discovery.tabular_ncd.settings import TrainingSettings
from experiments.novel_class_discovery.tabular_ncd.tabular_ncd_network import train_tabular_ncd
from experiments.novel_class_discovery.tasks import Task

SMALL = {"learning_rate": 0.01, "dropout": 0.0, "latent_size": 3.0, "classification_weight": 0.3}
LARGE = {"learning_rate": 0.002, "dropout": 0.4, "latent_size": 7.0, "classification_weight": 0.9}
PAIRS = {"neighbours": 3.0, "top_share": 0.2, "first_weight": 0.5, "second_weight": 0.7}
TRAINING = TrainingSettings(epochs=2, batch_size=16, pretraining_epochs=1, queue=0)


@pytest.fixture
def double() -> Iterator[None]:
    """Double precision: AdamW's first steps turn rounding of gradients near zero into whole steps."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def task(count: int = 40, features: int = 8) -> Task:
    generator = np.random.default_rng(0)
    labels = np.arange(count) % 3
    rows = generator.normal(size=(3, features))[labels] + generator.normal(size=(count, features))
    rows = torch.as_tensor(rows, dtype=torch.get_default_dtype()).numpy()
    return Task(rows, labels, rows[:20] + 3, rows[:10] + 3)


def torch_projection(features: int = 8) -> tuple[nn.Sequential, nn.Sequential, nn.Linear]:
    """The same networks of torch's layers, with the weights of PBN's."""
    ours = Projection(features, 3, [SMALL], True, seed=0)
    parts = []
    for mine in (ours.encoder, ours.decoder):
        layers: list[nn.Module] = []
        for layer in mine or []:
            if isinstance(layer, GroupedLinear):
                layers.append(nn.Linear(*layer.weight.shape[1:]))
                layers[-1].load_state_dict({"weight": layer.weight[0].T, "bias": layer.bias[0, 0]})
            elif isinstance(layer, GroupedBatchNorm):
                layers.append(nn.BatchNorm1d(len(layer.scale)))
            elif isinstance(layer, nn.ReLU):
                layers.append(nn.ReLU())
        parts.append(nn.Sequential(*layers))
    classifier = nn.Linear(3, 3)
    classifier.load_state_dict({"weight": ours.classifier.weight[0].T, "bias": ours.classifier.bias[0, 0]})
    return parts[0], parts[1], classifier


@pytest.mark.usefixtures("double")
def test_pbn_is_what_torch_makes_of_its_equations() -> None:
    posed = task()
    mine = train_projection(posed, [SMALL], True, TRAINING, seed=0)
    network, decoder, classifier = torch_projection()
    parameters = [*network.parameters(), *decoder.parameters(), *classifier.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=SMALL["learning_rate"], weight_decay=0.01)
    rows = torch.as_tensor(np.concatenate([posed.labelled, posed.unlabelled]))
    labels = torch.as_tensor(np.concatenate([posed.labels, np.full(20, -1)]))
    from common.training.seeding import generator

    for places in batches(len(rows), TRAINING, generator(0, "order")):
        batch, known = rows[places], labels[places] >= 0
        latents = network(batch)
        latents = latents / latents.norm(dim=1, keepdim=True)
        guessed = F.cross_entropy(classifier(latents[known]), labels[places][known])
        restored = ((decoder(latents) - batch) ** 2).sum() / len(batch)
        optimiser.zero_grad()
        (0.3 * guessed + 0.7 * restored).backward()
        optimiser.step()
    network.eval()
    wanted = network(torch.as_tensor(posed.evaluated)).detach().numpy()
    assert encoded(mine, posed.evaluated)[0].numpy() == pytest.approx(wanted, abs=1e-6)


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("decodes", [True, False])
def test_a_trial_learns_as_it_would_alone(decodes: bool) -> None:
    posed = task()
    together = encoded(train_projection(posed, [SMALL, LARGE], decodes, TRAINING, 1), posed.evaluated)
    for place, trial in enumerate((SMALL, LARGE)):
        alone = encoded(train_projection(posed, [trial], decodes, TRAINING, 1), posed.evaluated)
        size = int(trial["latent_size"])
        assert together[place, :, :size].numpy() == pytest.approx(alone[0].numpy(), abs=1e-6)
        assert (together[place, :, size:] == 0).all()


@pytest.mark.usefixtures("double")
def test_a_trial_of_tabular_ncd_learns_as_it_would_alone() -> None:
    posed = task()
    trials = [{**each, **PAIRS} for each in (SMALL, LARGE)]
    rows = torch.as_tensor(posed.evaluated)
    together = train_tabular_ncd(posed, trials, 3, TRAINING, seed=1).eval().latents(rows)
    for place, trial in enumerate(trials):
        alone = train_tabular_ncd(posed, [trial], 3, TRAINING, seed=1).eval().latents(rows)
        size = int(trial["latent_size"])
        assert together[place, :, :size].detach().numpy() == pytest.approx(
            alone[0].detach().numpy(), abs=1e-6
        )


def test_the_baseline_never_sees_a_row_without_a_label() -> None:
    posed = task()
    other = Task(posed.labelled, posed.labels, posed.unlabelled * 100, posed.evaluated)
    first, second = (
        encoded(train_projection(each, [SMALL], False, TRAINING, 0), posed.evaluated)
        for each in (posed, other)
    )
    assert torch.equal(first, second)


def test_layers_of_the_paper() -> None:
    layers = [*encoder(16, [SMALL], seed=0)]
    widths = [tuple(layer.weight.shape[1:]) for layer in layers if isinstance(layer, GroupedLinear)]
    assert widths == [(16, 12), (12, 8), (8, 3)]
    kinds = [type(layer) for layer in layers]
    assert kinds[1:4] == [nn.ReLU, GroupedBatchNorm, GroupedDropout]
    assert kinds[-1] is GroupedLinear


def test_adamw_has_a_rate_for_each_network() -> None:
    weights = torch.arange(12.0).view(2, 2, 3)
    ours = nn.Parameter(weights.clone())
    optimiser = GroupedAdamW([ours], [0.1, 0.01], weight_decay=0.05)
    theirs = [nn.Parameter(part.clone()) for part in weights]
    others = [
        torch.optim.AdamW([part], lr=rate, weight_decay=0.05)
        for part, rate in zip(theirs, (0.1, 0.01), strict=True)
    ]
    for step in range(5):
        gradient = torch.randn(2, 2, 3, generator=torch.Generator().manual_seed(step))
        optimiser.step([gradient])
        for place, other in enumerate(others):
            theirs[place].grad = gradient[place]
            other.step()
    assert torch.allclose(ours, torch.stack([*theirs]), atol=1e-6)


def test_dropout_keeps_its_share_and_the_mean() -> None:
    layer = GroupedDropout([0.0, 0.5], seed=0, name="test")
    rows = torch.ones(2, 200, 50)
    dropped = layer(rows)
    assert torch.equal(dropped[0], rows[0])
    assert set(dropped[1].unique().tolist()) == {0.0, 2.0}
    assert float(dropped[1].mean()) == pytest.approx(1, abs=0.05)
    assert torch.equal(layer.eval()(rows), rows)


def test_latents_have_length_one() -> None:
    assert unit_length(torch.randn(2, 5, 3)).norm(dim=2).numpy() == pytest.approx(1)


def test_the_order_of_batches_is_the_same_in_every_epoch() -> None:
    settings: Any = TrainingSettings(epochs=2, batch_size=4)
    found = [*batches(9, settings, torch.Generator().manual_seed(0))]
    assert [len(batch) for batch in found] == [4, 4, 4, 4]  # the ninth row alone is left out
    assert torch.equal(found[0], found[2])
    cut = settings.model_copy(update={"most_steps": 3})
    assert len([*batches(9, cut, torch.Generator())]) == 3
    with pytest.raises(BadInputError, match="There is 1 row to train on"):
        next(batches(1, settings, torch.Generator()))
