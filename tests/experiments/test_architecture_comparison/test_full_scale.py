"""The full-scale configurations, as committed, run on tiny images.

Only the amounts are cut (images, epochs, turns); networks, recipes and the choice of rates are real.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.experiments.test_architecture_comparison.project import TRACK, cifar100_folder, project

DHVT = yaml.safe_load((TRACK / "dhvt/config.yaml").read_text())["scales"]["full"]["steps"]


def test_the_configuration_is_the_paper_s() -> None:
    settings = DHVT["own_recipe"]["settings"]
    recipe = settings["recipe"]
    assert settings["learning_rate"] == 0.001
    assert (recipe["epochs"], recipe["batch_size"], recipe["weight_decay"]) == (300, 512, 0.05)
    assert (recipe["mixup"], recipe["cutmix"], recipe["erasing"]) == (0.8, 1.0, 0.25)
    assert (recipe["label_smoothing"], recipe["drop_path"], recipe["random_augment"]) == (0.1, 0.1, True)
    assert round(300 * recipe["warm_up"]) == 10
    small = DHVT["table_4_small"]["settings"]["recipe"]
    assert (small["batch_size"], round(300 * small["warm_up"])) == (256, 5)
    assert settings["data"]["keep_validation"] is False  # trained on all 50,000


@pytest.mark.slow
@pytest.mark.parametrize("step", ["own_recipe", "table_4_tiny", "table_4_small"])
def test_the_paper_s_networks_are_trained_and_tested(tmp_path: Path, step: str) -> None:
    folder = cifar100_folder(tmp_path / "cifar100")
    records = project(tmp_path, "dhvt", "full").run(step, "dhvt", cifar100=folder)
    assert len(records) == len(DHVT[step]["conditions"][0]["network"])
    assert {record.protocol["side"] for record in records} == {32}
    assert {record.protocol["learning_rate_from"] for record in records} == {"given"}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["resnet", "vit", "linear"])
def test_baselines_are_tuned_and_compared(tmp_path: Path, method: str) -> None:
    folder = cifar100_folder(tmp_path / "cifar100")
    full = project(tmp_path, "dhvt", "full")
    full.run("tuning", method, cifar100=folder)
    (record,) = full.run("comparison", method, cifar100=folder)
    assert record.protocol["recipe"] == "deit_100_epochs"
    assert record.metrics["learning_rate"] in (0.0005, 0.001, 0.002)


@pytest.mark.slow
def test_dhvt_on_fashion_mnist(tmp_path: Path) -> None:
    full = project(tmp_path, "dhvt", "full")
    full.run("tuning_fashion_mnist", "dhvt")
    (record,) = full.run("comparison_fashion_mnist", "dhvt")
    assert record.protocol["side"] == 28


@pytest.mark.slow
@pytest.mark.parametrize("method", ["anchored_vit", "anchored_twins"])
def test_anchored_networks_of_full_size(tmp_path: Path, method: str) -> None:
    full = project(tmp_path, "polyphase_anchoring", "full")
    full.run("tuning", method)
    records = full.run("shifts", method)
    anchored = [record for record in records if "anchored" in str(record.condition["network"])]
    assert anchored
    assert {record.metrics["consistency"] for record in anchored} == {100.0}


@pytest.mark.slow
def test_patches_down_to_single_pixels(tmp_path: Path) -> None:
    """Of images of 16 pixels: at 32, the same takes a minute more."""
    full = project(tmp_path, "patch_scaling", "full")
    full.run("tuning_small_images", "vit")
    records = full.run("small_images", "vit")
    costs = [record.metrics["multiply_adds"] for record in records]
    assert costs == sorted(costs)
    assert costs[-1] > 50 * costs[0]
