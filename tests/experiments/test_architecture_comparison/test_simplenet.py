"""SimpleNet: the counts of its sheet, where its layers sit, and plans that can't be read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from common.strict import BadInputError
from experiments.architecture_comparison.baselines import mlp
from experiments.architecture_comparison.cost import multiply_adds, parameter_count
from experiments.architecture_comparison.recipe import share_of_rate
from experiments.architecture_comparison.settings import RecipeSettings
from experiments.architecture_comparison.shapes import ImageShape
from experiments.architecture_comparison.simplenet.methods import simplenet
from experiments.architecture_comparison.simplenet.plan import Convolution, read_plan
from tests.experiments.test_architecture_comparison.project import TRACK, cifar100_folder, project

STEPS = yaml.safe_load((TRACK / "simplenet/config.yaml").read_text())["scales"]["full"]["steps"]
NETWORKS = STEPS["augmented"]["methods"]["simplenet"]["networks"]
CIFAR = ImageShape(channels=3, side=32, classes=10)


def full(name: str, **changes: object) -> nn.Module:
    return simplenet.build(simplenet.Settings.model_validate(NETWORKS[name] | changes), CIFAR)


def small(**changes: object) -> simplenet.SimpleNet:
    settings: dict[str, object] = {"plan": [8, 4, "pool", "1x1 6", 5, "pool", 4]}
    return simplenet.SimpleNet(
        simplenet.Settings.model_validate(settings | changes), ImageShape(1, 8, 3)
    ).eval()


def kinds(network: simplenet.SimpleNet) -> list[list[str]]:
    return [[type(layer).__name__ for layer in block] for block in network.features]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "millions", "multiply_add_millions"),
    [("simplenet", 5.50, 652), ("slim_310k", 0.31, 56), ("slim_460k", 0.39, 73)],
)
def test_the_committed_networks_have_their_sizes(
    name: str, millions: float, multiply_add_millions: int
) -> None:
    network = full(name, layout="pytorch")
    assert round(parameter_count(network) / 1e6, 2) == millions
    assert round(multiply_adds(network, CIFAR) / 1e6) == multiply_add_millions


def test_a_small_one_by_hand() -> None:
    """Weights, biases, two numbers of BN for each channel, and the classifier; maps of 8, 4 and 2 pixels."""
    network = small()
    weights = 9 * 1 * 8 + 9 * 8 * 4 + 4 * 6 + 9 * 6 * 5 + 9 * 5 * 4
    assert parameter_count(network) == weights + 3 * (8 + 4 + 6 + 5 + 4) + 4 * 3 + 3
    maps = 64 * 9 * (8 + 8 * 4) + 16 * (4 * 6 + 9 * 6 * 5) + 4 * 9 * 5 * 4
    assert multiply_adds(network, ImageShape(1, 8, 3)) == maps + 4 * 3


def test_where_layers_sit() -> None:
    block, pooled = ["Conv2d", "BatchNorm2d", "ReLU"], ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"]
    assert kinds(small()) == [block, pooled, block, pooled, block]
    with_dropout = [[*layers, "Dropout"] for layers in (block, pooled, block, pooled, block)]
    assert kinds(small(dropout=0.2)) == with_dropout
    at_head = small(dropout=0.2, dropout_at="head")
    assert kinds(at_head) == kinds(small())
    assert isinstance(at_head.dropout, nn.Dropout)


def test_the_paper_s_own_layout() -> None:
    """No BN in the last three convolutions, and the first pooling before its BN alone."""
    found = kinds(small(layout="caffe"))
    assert found == [
        ["Conv2d", "BatchNorm2d", "ReLU"],
        ["Conv2d", "MaxPool2d", "BatchNorm2d", "ReLU"],
        ["Conv2d", "ReLU"],
        ["Conv2d", "ReLU", "MaxPool2d"],
        ["Conv2d", "ReLU"],
    ]
    (whole,) = [module for module in full("simplenet").modules() if isinstance(module, simplenet.SimpleNet)]
    assert ["BatchNorm2d" in layers for layers in kinds(whole)] == [True] * 10 + [False] * 3


def test_strides_halve_as_poolings_do() -> None:
    images = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    for reduction in ("max", "stride"):
        assert small(reduction=reduction).features(images).shape == (2, 4, 2, 2)


def test_the_summary_is_the_maximum_or_the_mean() -> None:
    images = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    for summary in ("max", "mean"):
        network = small(summary=summary)
        maps = network.features(images)
        expected = maps.amax((2, 3)) if summary == "max" else maps.mean((2, 3))
        assert torch.allclose(network(images), network.classifier(expected))


def test_everything_learns() -> None:
    network = small(dropout=0.2, layout="caffe").train()
    network(torch.randn(8, 1, 8, 8)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (["pool", 4], "a pooling at place 1 without a convolution right before it"),
        ([4, "pool", "pool"], "a pooling at place 3 without"),
        ([4, "1x1"], r"'1x1' at place 2; write a width such as 64"),
        ([4, "2x2 4"], "an odd kernel"),
        ([0], "'0' at place 1"),
        ([], "'plan' has no convolution"),
    ],
)
def test_plans_that_cannot_be_read(plan: list[int | str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_plan(plan)


def test_a_plan_is_read_in_order() -> None:
    assert read_plan([4, "pool", "5x5 2"]) == [Convolution(4, 3, pooled=True), Convolution(2, 5)]


def test_images_too_small_to_be_halved_so_often() -> None:
    with pytest.raises(BadInputError, match=r"8 pixels can't be halved 4 times.*a 'side' of 16 or more"):
        simplenet.build(simplenet.Settings.model_validate(NETWORKS["slim_310k"]), ImageShape(1, 8, 10))


def test_rates_fall_to_a_tenth_at_each_place() -> None:
    recipe = RecipeSettings(name="toy", epochs=1, batch_size=4, schedule="constant", falls=[0.25, 0.5])
    assert [share_of_rate(recipe, at) for at in (0.0, 0.24, 0.25)] == [1.0, 1.0, 0.1]
    assert share_of_rate(recipe, 0.5) == pytest.approx(0.01)


def test_the_recipe_is_the_solver_file_s() -> None:
    settings = STEPS["augmented"]["settings"]
    recipe = settings["recipe"]
    assert settings["learning_rate"] == 0.1
    assert (recipe["optimiser"], recipe["weight_decay"], recipe["batch_size"]) == ("adadelta", 0.005, 100)
    iterations = recipe["epochs"] * 50_000 // recipe["batch_size"]
    assert iterations == 400_000
    falls = [50_000, 95_000, 253_000, 295_000, 320_000, 370_000]
    assert [share * iterations for share in recipe["falls"]] == pytest.approx(falls)
    assert STEPS["plain"]["settings"]["recipe"]["margin"] == 0


def test_a_perceptron_by_hand() -> None:
    network = mlp.build(mlp.Settings(widths=[5, 4]), ImageShape(1, 4, 3))
    assert parameter_count(network) == 16 * 5 + 5 + 10 + 5 * 4 + 4 + 8 + 4 * 3 + 3
    assert network(torch.randn(2, 1, 4, 4)).shape == (2, 3)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["augmented", "plain_cifar100", "mnist"])
def test_the_paper_s_networks_are_trained_and_tested(tmp_path: Path, step: str) -> None:
    folder = cifar100_folder(tmp_path / "cifar100")
    records = project(tmp_path, "simplenet", "full").run(step, "simplenet", cifar100=folder)
    assert {record.protocol["optimiser"] for record in records} == {"adadelta"}
    assert len(records) == 3


@pytest.mark.slow
@pytest.mark.parametrize("method", ["simplenet", "mlp"])
def test_networks_of_one_budget_are_tuned_and_compared(tmp_path: Path, method: str) -> None:
    study = project(tmp_path, "simplenet", "full")
    study.run("tuning", method)
    records = study.run("comparison", method)
    assert all(record.metrics["parameters"] <= 324_700 for record in records)
