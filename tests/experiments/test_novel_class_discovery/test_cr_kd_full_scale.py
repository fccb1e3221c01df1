"""The full-scale configuration, as committed, runs on a few images of noise.

Only the amounts are cut (images, epochs, batches, seeds); networks, splits, losses and methods are the real
ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from common.data.prepare import write_prepared
from common.runs.config import PaperConfig
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

CONFIG = yaml.safe_load((REPOSITORY / "experiments/novel_class_discovery/cr_kd_ncd/config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]
AMOUNTS: dict[str, Any] = {"epochs": 1, "batch_size": 50, "images": 1, "test_images": 1, "drawn": 1}


def cut(value: Any) -> Any:
    """The settings with every amount made small."""
    if not isinstance(value, dict):
        return value
    small = {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}
    return small | {"images": 1, "test_images": 1} if "dataset" in value else small


def noise(count: int, seed: int) -> np.ndarray:
    found: np.ndarray = np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two images of noise for each of a hundred classes."""
    folder = tmp_path_factory.mktemp("cifar100")
    for part in ("train", "test"):
        for label, pixels in enumerate(noise(100, seed=len(part))):
            (folder / part / f"class_{label:02}").mkdir(parents=True)
            Image.fromarray(pixels).save(folder / part / f"class_{label:02}" / "0.png")
    return folder


@pytest.fixture
def full(tmp_path: Path) -> Project:
    for package in ("common", "experiments"):
        (tmp_path / package).symlink_to(REPOSITORY / package)
    arrays = [
        entry
        for part, count in (("train", 20), ("test", 10))
        for entry in ((f"{part}_images", noise(count, count)), (f"{part}_labels", np.arange(count) % 10))
    ]
    write_prepared("cifar10", arrays, tmp_path, {})
    steps = {
        name: {
            **step,
            "settings": cut(step["settings"]),
            "methods": {method: cut(own) for method, own in step["methods"].items()},
        }
        for name, step in STEPS.items()
    }
    return Project(
        tmp_path, PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})
    )


def test_the_configuration_is_the_paper_s() -> None:
    settings = STEPS["discovery_cifar100"]["settings"]
    training = settings["training"]
    assert (settings["backbone"], settings["heads"], settings["hidden"], settings["projected"]) == (
        "resnet18",
        4,
        2048,
        256,
    )
    assert (training["epochs"], training["batch_size"], training["weight_decay"]) == (500, 512, 0.00015)
    assert training["warm_up"] * training["epochs"] == 10
    assert (settings["training_rate"], settings["small_crops"], settings["small_side"]) == (0.4, 2, 18)
    assert STEPS["discovery_cifar100"]["methods"]["cr_kd"] == {
        "distillation": {"strength": 0.1, "softening": 4.0}
    }
    assert [settings["data"][name] for name in ("split", "known", "novel")] == ["first", 50, 50]
    assert STEPS["discovery_cifar100_80"]["settings"]["data"]["novel"] == 20


@pytest.mark.slow
def test_cifar10_is_discovered_without_learning_by_pairs_and_by_distillation(full: Project) -> None:
    full.run("supervised_cifar10", "supervised")
    for method in ("k_means", "ncl", "cr_kd"):
        unlabelled, test = full.run("discovery_cifar10", method)
        assert (unlabelled.protocol["backbone"], unlabelled.protocol["novel_classes"]) == ("resnet18", 5)
        assert test.protocol["known_classes"] == 5


@pytest.mark.slow
def test_cifar100_is_discovered_from_a_folder(full: Project, folder: Path) -> None:
    full.run("supervised_cifar100_80", "supervised", cifar100=folder)
    unlabelled, _ = full.run("discovery_cifar100_80", "cr_kd", cifar100=folder)
    assert (unlabelled.protocol["dataset"], unlabelled.protocol["evaluated_rows"]) == ("cifar100", 20)
    assert unlabelled.metrics["relation_divergence"] >= 0
