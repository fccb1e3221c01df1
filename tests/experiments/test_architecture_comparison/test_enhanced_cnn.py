"""The enhanced CNN: its counts by hand, where its layers sit, the matches of its tables, and bad input."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from common.strict import BadInputError
from experiments.architecture_comparison.baselines import lenet, resnet
from experiments.architecture_comparison.cost import multiply_adds, parameter_count
from experiments.architecture_comparison.enhanced_cnn.methods import enhanced_cnn
from experiments.architecture_comparison.shapes import ImageShape
from tests.experiments.test_architecture_comparison.project import TRACK, project

SCALES = yaml.safe_load((TRACK / "enhanced_cnn/config.yaml").read_text())["scales"]
MODULES = {"enhanced_cnn": enhanced_cnn, "lenet": lenet, "resnet": resnet}
CIFAR = ImageShape(channels=3, side=32, classes=10)
SMALL = ImageShape(channels=3, side=16, classes=10)
UNMATCHED = {"shallower", "fewer_filters", "lenet"}


def committed(scale: str, method: str, name: str, shape: ImageShape) -> nn.Module:
    networks = SCALES[scale]["steps"]["comparison"]["methods"][method]["networks"]
    module = MODULES[method]
    network: nn.Module = module.build(module.Settings.model_validate(networks[name]), shape)
    return network


def toy(**changes: object) -> nn.Module:
    settings: dict[str, object] = {"widths": [4, 6], "hidden": 5, "dropout": 0.25}
    validated = enhanced_cnn.Settings.model_validate(settings | changes)
    return enhanced_cnn.build(validated, ImageShape(1, 8, 3)).eval()


def kinds(layers: nn.Module) -> list[str]:
    return [type(layer).__name__ for layer in layers.children()]


def test_the_network_of_full_size_by_hand() -> None:
    """Convolutions with biases and two numbers of BN a channel; 4 x 4 pixels of 256 channels to 512 units."""
    pairs = [(3, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256)]
    weights = [9 * before * after for before, after in pairs]
    convolutions = sum(weights) + sum(3 * after for _, after in pairs)
    head = 4096 * 512 + 3 * 512 + 512 * 10 + 10
    network = committed("full", "enhanced_cnn", "enhanced", CIFAR)
    assert parameter_count(network) == convolutions + head == 3_251_018
    pixels = [1024, 1024, 256, 256, 64, 64]
    maps = sum(count * weight for count, weight in zip(pixels, weights, strict=True))
    assert multiply_adds(network, CIFAR) == maps + 4096 * 512 + 5120


def test_where_layers_sit() -> None:
    block = ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Dropout"]
    features, classifier = toy().children()
    assert [kinds(layers) for layers in features.children()] == [block, block]
    assert kinds(classifier) == ["Flatten", "Linear", "BatchNorm1d", "ReLU", "Linear"]


def test_the_standard_network_has_none_of_the_enhancements() -> None:
    features, classifier = committed("full", "enhanced_cnn", "standard", CIFAR).children()
    assert [kinds(layers) for layers in features.children()] == [["Conv2d", "ReLU", "MaxPool2d"]] * 2
    assert kinds(classifier) == ["Flatten", "Linear", "ReLU", "Linear"]


@pytest.mark.parametrize(("scale", "shape"), [("quick", SMALL), ("full", CIFAR)])
def test_an_ablation_lacks_one_thing_alone(scale: str, shape: ImageShape) -> None:
    networks = SCALES[scale]["steps"]["comparison"]["methods"]["enhanced_cnn"]["networks"]
    whole = enhanced_cnn.Settings.model_validate(networks["enhanced"])
    lacking: dict[str, dict[str, object]] = {
        "no_batch_norm": {"batch_norm": False},
        "no_dropout": {"dropout": 0.0},
        "shallower": {"convolutions": 1},
        "fewer_filters": {"widths": [width // 2 for width in whole.widths], "hidden": whole.hidden // 2},
    }
    for name, change in lacking.items():
        assert enhanced_cnn.Settings.model_validate(networks[name]) == whole.model_copy(update=change)
        assert parameter_count(committed(scale, "enhanced_cnn", name, shape)) > 0


@pytest.mark.parametrize(("scale", "shape"), [("quick", SMALL), ("full", CIFAR)])
def test_what_the_tables_call_matched_is_within_4_percent(scale: str, shape: ImageShape) -> None:
    methods = SCALES[scale]["steps"]["comparison"]["methods"]
    most = SCALES[scale]["steps"]["comparison"]["settings"]["largest_parameters"]
    target = parameter_count(committed(scale, "enhanced_cnn", "enhanced", shape))
    for method in MODULES:
        for name in methods[method]["networks"].keys() - UNMATCHED:
            count = parameter_count(committed(scale, method, name, shape))
            assert 0.96 * target <= count <= min(most, 1.04 * target), name


def test_dropout_is_of_training_alone() -> None:
    images = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    network = toy(batch_norm=False)
    assert torch.equal(network(images), network(images))
    network.train()
    assert not torch.equal(network(images), network(images))
    without = toy(batch_norm=False, dropout=0.0)
    without.load_state_dict(network.state_dict())
    assert torch.equal(network.eval()(images), without.train()(images))


def test_everything_learns() -> None:
    network = toy().train()
    network(torch.randn(8, 1, 8, 8)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_an_odd_side_loses_its_border() -> None:
    """9 pixels to 4 to 2, so that the hidden layer sees 6 x 2 x 2 numbers."""
    network = enhanced_cnn.build(enhanced_cnn.Settings(widths=[4, 6], hidden=5), ImageShape(1, 9, 3))
    assert network(torch.randn(2, 1, 9, 9)).shape == (2, 3)
    assert network.classifier[1].in_features == 24  # type: ignore[index, union-attr]


def test_images_too_small_to_be_halved_so_often() -> None:
    with pytest.raises(BadInputError, match=r"2 pixels can't be halved 2 times.*a 'side' of 4 or more"):
        enhanced_cnn.build(enhanced_cnn.Settings(widths=[4, 6], hidden=5), ImageShape(1, 2, 3))


def test_lenet_5_by_hand() -> None:
    """At 32 pixels: 28, 14, 10 and 5 along a side, and three channels where the published one has one."""
    network = lenet.build(lenet.Settings(), CIFAR)
    convolutions = 25 * 3 * 6 + 6 + 25 * 6 * 16 + 16
    linear = 400 * 120 + 120 + 120 * 84 + 84 + 84 * 10 + 10
    assert parameter_count(network) == convolutions + linear == 62_006
    maps = 28**2 * 25 * 3 * 6 + 10**2 * 25 * 6 * 16
    assert multiply_adds(network, CIFAR) == maps + 400 * 120 + 120 * 84 + 840


def test_images_too_small_for_lenet() -> None:
    with pytest.raises(BadInputError, match=r"12 pixels are too small for 2 convolutions of 5x5"):
        lenet.build(lenet.Settings(), ImageShape(3, 12, 10))


def test_full_scale_trains_on_all_images() -> None:
    steps = SCALES["full"]["steps"]
    assert steps["comparison"]["settings"]["data"]["keep_validation"] is False
    lengths = [steps[name]["settings"]["recipe"]["epochs"] for name in ("comparison", "longer_training")]
    assert lengths[1] == 4 * lengths[0]
    assert steps["few_images"]["settings"]["recipe"]["margin"] == 0
    short = SCALES["quick"]["steps"]
    assert (
        short["longer_training"]["settings"]["recipe"]["epochs"]
        == 4 * (short["comparison"]["settings"]["recipe"]["epochs"])
    )


@pytest.mark.slow
@pytest.mark.parametrize("method", ["enhanced_cnn", "lenet", "resnet"])
def test_networks_are_tuned_and_compared(tmp_path: Path, method: str) -> None:
    study = project(tmp_path, "enhanced_cnn", "full")
    study.run("tuning", method)
    records = study.run("comparison", method)
    assert {record.protocol["recipe"] for record in records} == {"adam_10_epochs"}
    assert all(record.metrics["parameters"] <= 3_381_000 for record in records)
    assert {record.metrics["learning_rate"] for record in records} <= {0.0003, 0.001, 0.003}
