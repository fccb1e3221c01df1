"""Ten architectures under one recipe: sizes, the track's turns and receptive fields, and what is refused."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import yaml
from torch import nn

from common.runs.registry import find_method
from common.strict import BadInputError
from experiments.architecture_comparison.baselines import convnext, timm_network
from experiments.architecture_comparison.cost import parameter_count
from experiments.architecture_comparison.gradient_maps import (
    centre_gradients,
    effective_percent,
    mean_distance,
    picture,
)
from experiments.architecture_comparison.networks import fresh_network
from experiments.architecture_comparison.shapes import ImageShape
from experiments.architecture_comparison.throughput import check_architectures
from tests.experiments.test_architecture_comparison.project import TRACK, project
from tests.experiments.test_time_adaptation.project import REPOSITORY

SCALES = yaml.safe_load((TRACK / "one_recipe/config.yaml").read_text())["scales"]
SHAPES = {"quick": ImageShape(1, 16, 10), "full": ImageShape(3, 32, 10)}
METHODS = [name for name in SCALES["quick"]["steps"]["tuning"]["methods"] if name != "linear"]


def module(method: str) -> ModuleType:
    return __import__(find_method("architecture_comparison", method, REPOSITORY), fromlist=["build"])


# ---- the networks


@pytest.mark.parametrize("scale", ["quick", "full"])
@pytest.mark.parametrize("method", METHODS)
def test_parameters_match(scale: str, method: str) -> None:
    """No network is further than five percent from the middle of the table's range."""
    settings = SCALES[scale]["steps"]["tuning"]["settings"]
    networks = SCALES[scale]["steps"]["tuning"]["methods"][method]["networks"]
    largest = settings["largest_parameters"]
    for name in networks:
        network = fresh_network(module(method), networks, name, SHAPES[scale], 0, largest)
        assert parameter_count(network) > 0.9 * largest


def test_a_convnext_by_hand() -> None:
    """Stem of stride 1; a stage of one block each, maps of 16, 8, 4 and 2 pixels; head."""
    widths = [4, 6, 8, 10]
    network = convnext.build(convnext.Settings(depths=[1] * 4, widths=widths, stem_stride=1), SHAPES["quick"])
    stem = 4 + 4 + 2 * 4
    blocks = sum(49 * c + c + 2 * c + 2 * 4 * c * c + 4 * c + c + c for c in widths)
    halvings = sum(2 * a + 4 * a * b + b for a, b in pairwise(widths))
    assert parameter_count(network) == stem + blocks + halvings + 2 * 10 + 10 * 10 + 10
    assert network.get_submodule("stages")(network.get_submodule("stem")(images(1))).shape == (1, 10, 2, 2)


def images(count: int, channels: int = 1, side: int = 16) -> torch.Tensor:
    return torch.randn(count, channels, side, side, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"depths": [1] * 3, "widths": [4] * 4}, "3 'depths' and 4 'widths'; give each of the 4 stages one"),
        ({"depths": [1] * 4, "widths": [4] * 4}, "reduce a side by 32, which doesn't divide images of 16"),
    ],
)
def test_a_convnext_that_does_not_fit(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        convnext.build(convnext.Settings(**settings), SHAPES["quick"])


def test_timm_s_networks_by_model_and_by_class() -> None:
    shape = ImageShape(1, 32, 7)
    named = timm_network.Settings(name="test_mambaout", sized=False)
    assert timm_network.build(named, shape).training
    small = SCALES["smoke"]["steps"]["tuning"]["methods"]["timm_network"]["networks"]["tnt"]
    network = timm_network.build(timm_network.Settings.model_validate(small), ImageShape(1, 16, 7))
    assert network(images(2)).shape == (2, 7)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"name": "VOLLO"}, "timm has no network 'VOLLO'. Did you mean 'VOLO'"),
        ({"name": "horbet_tiny"}, "timm has no network 'horbet_tiny'"),
        ({"name": "TNT", "options": {"patch_size": 5}}, "16 pixels can't be cut into patches of 5"),
        ({"name": "CrossVit", "options": {"patch_size": [4, 6]}}, "can't be cut into patches of 6"),
        ({"name": "TNT", "options": {"embed_dim": 10}}, "can't be built for images of 16 pixels"),
        ({"name": "TNT", "options": {"patches": 4}}, "unexpected keyword argument 'patches'"),
        ({"name": "resnet18"}, "set 'sized' to false"),
    ],
)
def test_what_timm_has_not_is_told(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        timm_network.build(timm_network.Settings.model_validate(settings), SHAPES["quick"])


def test_a_budget_that_no_variant_meets() -> None:
    networks = SCALES["quick"]["steps"]["tuning"]["methods"]["resnet"]["networks"]
    with pytest.raises(BadInputError, match="'largest_parameters' allows 1000; make it narrower"):
        fresh_network(module("resnet"), networks, "resnet", SHAPES["quick"], 0, 1000)


# ---- effective receptive fields


def test_the_field_of_two_convolutions_is_known() -> None:
    """Of ones: the centre sees 5 x 5 pixels, by 1 2 3 2 1 along each side, in every channel."""
    network = nn.Sequential(*(nn.Conv2d(1, 1, 3, padding=1, bias=False) for _ in range(2)))
    for convolution in network:
        nn.init.ones_(convolution.weight)  # type: ignore[arg-type]
    found = centre_gradients(network, images(3, side=9), "1", "channels_first", torch.Generator())
    line = torch.tensor([0, 0, 1, 2, 3, 2, 1, 0, 0], dtype=torch.float64)
    assert torch.allclose(found, line[:, None] * line / 19)  # whose squares add up to 19 x 19
    assert effective_percent(found) == pytest.approx(100 * 25 / 81)
    assert picture(found).max() == 255
    assert picture(found)[0, 2, 2] == round(255 / 9)


def test_random_signs_keep_what_layer_normalisation_would_cancel() -> None:
    """The sum over channels of a LayerNorm's output is constant; its channels are not."""
    network = nn.Sequential(nn.Conv2d(1, 8, 4, 4), nn.Flatten(2), Transposed(), nn.LayerNorm(8))
    found = centre_gradients(network, images(5), "3", "tokens", torch.Generator().manual_seed(1))
    assert effective_percent(found) <= 100 / 16  # one patch of sixteen
    assert float(found[8:12, 8:12].min()) > 0


class Transposed(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(1, 2)


def test_the_mean_distance_by_hand() -> None:
    """Two pixels four apart, of equal weight: both are two from their middle."""
    gradients = torch.zeros(5, 5, dtype=torch.float64)
    gradients[2, 0] = gradients[2, 4] = 0.5
    assert mean_distance(gradients) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("layer", "layout", "sentence"),
    [
        ("stagse", "channels_first", r"no module 'stagse'\. Did you mean 'stages'"),
        ("classifier", "channels_first", "no channels_first; name another layer"),
        ("stages", "tokens", "no tokens; name another layer"),
    ],
)
def test_a_layer_without_a_map_is_told(layer: str, layout: Any, sentence: str) -> None:
    networks = SCALES["smoke"]["steps"]["tuning"]["methods"]["resnet"]["networks"]
    network = fresh_network(module("resnet"), networks, "resnet", SHAPES["quick"], 0)
    with pytest.raises(BadInputError, match=sentence):
        centre_gradients(network, images(1), layer, layout, torch.Generator())


# ---- the steps, as configured


def test_who_takes_turns_is_checked() -> None:
    known = {"resnet": module("resnet")}
    with pytest.raises(BadInputError, match=r"architecture 'resnat', which the step doesn't use.*'resnet'"):
        check_architectures({"resnat": {}}, known)
    twice: dict[str, dict[str, Any]] = {"resnet": {"small": {}}, "vit": {"small": {}}}
    with pytest.raises(BadInputError, match="'resnet' and 'vit' both have a network 'small'"):
        check_architectures(twice, known | {"vit": module("vit")})


@pytest.mark.slow
def test_networks_of_nine_modules_take_turns(tmp_path: Path) -> None:
    records = project(tmp_path, "one_recipe", "quick").run("throughput", "side_by_side")
    assert len(records) == 11
    assert all(record.cost.parts.keys() == {"training", "inference"} for record in records)
    assert "deterministic" not in records[0].protocol or not records[0].protocol["deterministic"]


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["quick", "full"])
@pytest.mark.parametrize("method", METHODS)
def test_fields_are_of_the_networks_that_were_compared(tmp_path: Path, scale: str, method: str) -> None:
    study = project(tmp_path, "one_recipe", scale)
    study.run("tuning", method)
    study.run("comparison", method)
    records = study.run("receptive_field", method)
    networks = SCALES[scale]["steps"]["tuning"]["methods"][method]["networks"]
    seen = {(record.protocol["network"], record.protocol["state"]) for record in records}
    assert seen == {(network, state) for network in networks for state in ("initial", "trained")}
    assert all(0 < record.metrics["effective_percent"] <= 100 for record in records)


@pytest.mark.slow
def test_a_trained_network_is_read_back(tmp_path: Path) -> None:
    """Its running statistics, at the least, have moved."""
    study = project(tmp_path, "one_recipe", "quick")
    study.run("tuning", "resnet")
    study.run("comparison", "resnet")
    initial, trained = study.run("receptive_field", "resnet")
    assert initial.metrics != trained.metrics


@pytest.mark.slow
def test_a_second_stage_sees_a_part_of_the_image(tmp_path: Path) -> None:
    """By hand: stem, two convolutions, one of stride 2, one after it reach 3 + 2 + 2 + 2 + 4 = 13 pixels."""
    study = project(tmp_path, "one_recipe", "quick")
    study.run("tuning", "resnet")
    study.run("comparison", "resnet")
    for record in study.run("receptive_field_inside", "resnet"):
        assert record.protocol["layer"] == "stages.1"
        assert record.metrics["effective_percent"] <= 100 * 13**2 / 16**2


@pytest.mark.slow
@pytest.mark.parametrize("method", list(SCALES["full"]["steps"]["own_recipe"]["methods"]))
def test_every_network_is_trained_by_its_own_recipe(tmp_path: Path, method: str) -> None:
    (record,) = project(tmp_path, "one_recipe", "full").run("own_recipe", method)
    assert record.protocol["learning_rate_from"] == "given"
    assert record.protocol["side"] == 32


@pytest.mark.slow
@pytest.mark.parametrize("network", ["crossvit", "volo"])
def test_so_are_crossvit_and_volo(tmp_path: Path, network: str) -> None:
    (record,) = project(tmp_path, "one_recipe", "full").run(f"own_recipe_{network}", "timm_network")
    assert str(record.protocol["recipe"]).startswith(network)


def test_own_recipes_are_the_papers() -> None:
    steps = SCALES["full"]["steps"]
    methods, shared = steps["own_recipe"]["methods"], steps["own_recipe"]["settings"]
    deit = shared["recipe"]
    assert shared["learning_rate"] == pytest.approx(5e-4 * deit["batch_size"] / 512)
    assert (deit["mixup"], deit["cutmix"], deit["erasing"], deit["label_smoothing"]) == (0.8, 1.0, 0.25, 0.1)
    rates = {"mambaout": 1e-3 / 1024, "convnext": 4e-3 / 4096, "timm_network": 1e-3 / 1024}
    for method, per_image in rates.items():
        rate = methods[method].get("learning_rate", shared["learning_rate"])
        assert rate == pytest.approx(per_image * deit["batch_size"], rel=0.03)
    crossvit = steps["own_recipe_crossvit"]["methods"]["timm_network"]
    assert round(crossvit["recipe"]["epochs"] * crossvit["recipe"]["warm_up"]) == 30
    volo = steps["own_recipe_volo"]["methods"]["timm_network"]
    assert volo["learning_rate"] == pytest.approx(1.6e-3 * volo["recipe"]["batch_size"] / 1024)
    resnet = methods["resnet"]["recipe"]
    assert round(resnet["epochs"] * 50000 / resnet["batch_size"], -3) == 64000
    simplenet = methods["simplenet"]["recipe"]
    falls = [50, 95, 253, 295, 320, 370]  # thousands of iterations of 100 images, of 400
    assert simplenet["epochs"] * 50000 / simplenet["batch_size"] == 400_000
    assert simplenet["falls"] == pytest.approx([fall / 400 for fall in falls])
    lamb = methods["res_mlp"]["recipe"]
    assert (lamb["optimiser"], lamb["epochs"], lamb["weight_decay"]) == ("lamb", 400, 0.2)
