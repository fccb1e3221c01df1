"""The track's steps, end to end on tiny images: what is chosen where, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from common.strict import BadInputError
from experiments.architecture_comparison.baselines import linear
from experiments.architecture_comparison.image_folders import read_split
from experiments.architecture_comparison.images import Judged, Study, open_study, reduced
from experiments.architecture_comparison.networks import fresh_network
from experiments.architecture_comparison.rates import chosen_rate
from experiments.architecture_comparison.settings import DataSettings, RecipeSettings
from experiments.architecture_comparison.shapes import ImageShape
from tests.experiments.test_architecture_comparison.project import cifar100_folder, project

RECIPE = RecipeSettings(name="toy", epochs=1, batch_size=4)


def kept(folder: Path, name: str, trials: list[tuple[str, float, float]]) -> Path:
    path = folder / name
    rows = [{"network": n, "learning_rate": rate, "accuracy": found} for n, rate, found in trials]
    path.write_text(json.dumps(rows))
    return path


def test_the_rate_with_the_best_mean_over_seeds_is_chosen(tmp_path: Path) -> None:
    first = kept(tmp_path, "0.json", [("vit", 0.1, 50.0), ("vit", 0.3, 60.0), ("resnet", 0.1, 70.0)])
    second = kept(tmp_path, "1.json", [("vit", 0.1, 75.0), ("vit", 0.3, 61.0), ("resnet", 0.1, 1.0)])
    assert chosen_rate("vit", {"tuning": [first, second]}) == 0.1
    assert chosen_rate("vit", {"tuning": [first]}) == 0.3


def test_of_equal_rates_the_lower_is_chosen(tmp_path: Path) -> None:
    path = kept(tmp_path, "0.json", [("vit", 0.3, 50.0), ("vit", 0.1, 50.0)])
    assert chosen_rate("vit", {"tuning": [path]}) == 0.1


def test_a_network_that_was_not_tuned_is_told(tmp_path: Path) -> None:
    path = kept(tmp_path, "0.json", [("dhvt", 0.3, 50.0)])
    with pytest.raises(BadInputError, match=r"has not tried the network 'dhv'\. Did you mean 'dhvt'"):
        chosen_rate("dhv", {"tuning": [path]})
    with pytest.raises(
        BadInputError, match="0 are read: name one under 'gathers', or give a 'learning_rate'"
    ):
        chosen_rate("dhvt", {})


def test_validation_images_are_in_no_training(tmp_path: Path) -> None:
    study = project(tmp_path, "dhvt", "smoke")
    data = DataSettings(dataset="cifar10", images=8, validation=4, test_images=5)
    pixels: dict[Judged, Study] = {}
    choices: tuple[Judged, ...] = ("validation", "test")
    for judged in choices:
        found = open_study(data, study.root, {}, 0, judged, RECIPE)
        assert len(found.training) == 8
        pixels[judged] = found
    validation = pixels["validation"].judged.images
    for found in pixels.values():
        assert not any((image == validation).all(dim=(1, 2, 3)).any() for image in found.training.images)
    assert len(pixels["test"].judged) == 5


def test_every_seed_draws_its_own_images(tmp_path: Path) -> None:
    root = project(tmp_path, "dhvt", "smoke").root
    data = DataSettings(dataset="cifar10", images=6, validation=2)
    first, again, other = (open_study(data, root, {}, seed, "test", RECIPE) for seed in (0, 0, 1))
    assert torch.equal(first.training.images, again.training.images)
    assert not torch.equal(first.training.images, other.training.images)


def test_a_border_and_means_over_blocks(tmp_path: Path) -> None:
    root = project(tmp_path, "dhvt", "smoke").root
    data = DataSettings(dataset="fashion_mnist", border=2, side=16)
    study = open_study(data, root, {}, 0, "test", RECIPE)
    assert study.shape == ImageShape(1, 16, 10)
    assert not study.training.images[:, 0].any()
    block = torch.tensor([[1, 2, 10, 10], [3, 4, 10, 14]], dtype=torch.uint8)
    pair = torch.cat([block, block])[None, :, :, None]
    assert reduced(pair, 2)[0, :, :, 0].tolist() == [[2, 11], [2, 11]]  # 2.5 to the even number


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"images": 11, "validation": 4}, "has 8 images to train on beside 4 for validation"),
        ({"test_images": 13}, "has 12 test images, fewer than 13; lower 'test_images'"),
        ({"side": 12}, "Images of 32 pixels can't be averaged down to 12"),
    ],
)
def test_too_few_images_are_told(tmp_path: Path, changes: dict[str, int], sentence: str) -> None:
    root = project(tmp_path, "dhvt", "smoke").root
    with pytest.raises(BadInputError, match=sentence):
        open_study(DataSettings.model_validate({"dataset": "cifar10"} | changes), root, {}, 0, "test", RECIPE)


def test_choosing_needs_validation_images(tmp_path: Path) -> None:
    root = project(tmp_path, "dhvt", "smoke").root
    with pytest.raises(BadInputError, match="has none set aside; give 'validation' a number"):
        open_study(DataSettings(dataset="cifar10"), root, {}, 0, "validation", RECIPE)


def test_names_and_budgets_that_cannot_be() -> None:
    shape = ImageShape(3, 8, 10)
    with pytest.raises(
        BadInputError, match=r"There is no network 'linaer' under 'networks'\. Did you mean 'linear'"
    ):
        fresh_network(linear, {"linear": {}}, "linaer", shape, 0)
    with pytest.raises(
        BadInputError, match="'linear' has 1930 parameters, and 'largest_parameters' allows 1000"
    ):
        fresh_network(linear, {"linear": {}}, "linear", shape, 0, largest_parameters=1000)
    with pytest.raises(BadInputError, match="network 'linear': unknown key 'width'"):
        fresh_network(linear, {"linear": {"width": 3}}, "linear", shape, 0)


def test_folders_are_read_in_order_and_checked(tmp_path: Path) -> None:
    folder = cifar100_folder(tmp_path / "cifar100")
    images, labels = read_split(folder, "train")
    assert images.shape == (12, 32, 32, 3)
    assert labels.tolist() == np.repeat([0, 1, 2], 4).tolist()
    with pytest.raises(BadInputError, match=r"holds no validation/<class>/<image>\.png"):
        read_split(folder, "validation")
    (folder / "test" / "class_2").rename(folder / "test" / "another")
    with pytest.raises(BadInputError, match="has classes that"):
        read_split(folder, "test")


@pytest.mark.slow
def test_a_network_is_tuned_compared_and_repeats(tmp_path: Path) -> None:
    study = project(tmp_path, "dhvt", "smoke")
    for _ in range(2):
        study.run("tuning", "dhvt")
        records = study.run("comparison", "dhvt")
    again = study.run("comparison", "dhvt")
    assert [record.metrics for record in records] == [record.metrics for record in again]
    assert {record.protocol["learning_rate_from"] for record in records} == {"validation"}
    assert {record.protocol["judged_on"] for record in records} == {"test"}
    assert len({record.protocol["parameters"] for record in records}) == 10  # every row is another network


@pytest.mark.slow
def test_networks_take_turns(tmp_path: Path) -> None:
    records = project(tmp_path, "dhvt", "smoke").run("throughput", "side_by_side")
    assert {record.protocol["network"] for record in records} == {"dhvt", "deit", "resnet", "vit"}
    assert all(record.cost.parts.keys() == {"training", "inference"} for record in records)
    assert all(seconds > 0 for record in records for seconds in record.cost.parts.values())


@pytest.mark.slow
def test_shifts_are_measured_on_trained_networks(tmp_path: Path) -> None:
    study = project(tmp_path, "polyphase_anchoring", "smoke")
    study.run("tuning", "anchored_vit")
    found = {record.condition["network"]: record for record in study.run("shifts", "anchored_vit")}
    for name in ("anchored", "anchored_depthwise"):
        metrics = found[name].metrics
        assert metrics["consistency"] == 100.0
        assert metrics["worst_shift_accuracy"] == metrics["unshifted_accuracy"]
    exact = study.run("exactness", "anchored_twins")
    assert {
        record.metrics["consistency"] for record in exact if record.condition["network"] == "twins_anchored"
    } == {100.0}
