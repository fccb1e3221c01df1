"""The full-scale configuration, as committed, runs on tiny data: encoding, drawing, fitting, record.

Only the amounts are cut (images, epochs, features and sizes); networks, classifiers and settings are real.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import yaml

from common.data.prepare import write_prepared
from common.records.schema import Record
from common.runs.config import PaperConfig
from common.runs.execute import execute
from common.runs.plan import find_job

REPOSITORY = Path(__file__).parents[3]
CONFIG = yaml.safe_load((REPOSITORY / "experiments/few_shot/naive_bayes_vs_logistic/config.yaml").read_text())
FEATURES = ["pixels", "principal_components", "supervised_network", "rotation_network", "imagenet_network"]


def cut(name: str, step: dict[str, Any]) -> dict[str, Any]:
    """Twenty images to learn features from, forty to draw from, samples of 20, ten features."""
    step = {**step, "settings": {**step.get("settings", {})}}
    settings = step["settings"]
    if "data" in settings:
        settings["data"] = {
            **settings["data"],
            "feature_images": [0, 20],
            "pool_images": [20, 60],
            "test_images": 10,
        }
    if "components" in settings:
        settings["components"] = 5
    if "training" in settings:
        settings["training"] = {**settings["training"], "epochs": 1, "batch_size": 10}
    if name == "simulation":
        settings |= {"test_examples": 200}
        step |= {
            "conditions": [{"covariance": ["easy"], "classes": [2, 3], "features": [10, 20]}],
            "only": {},
        }
    if name == "growth":
        step |= {"conditions": [{"covariance": ["easy"], "classes": [2, 3]}], "only": {}}
    if name in ("probes", "separation"):
        features = "supervised_network" if name == "probes" else "imagenet_network"
        step |= {"conditions": [{"features": [features], "samples": [20]}], "only": {}}
    return step


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code by links, ten colours for CIFAR-10, and an untrained network for the checkpoint."""
    folder = tmp_path_factory.mktemp("full")
    for package in ("common", "experiments"):
        (folder / package).symlink_to(REPOSITORY / package)
    generator = np.random.default_rng(0)
    arrays: list[tuple[str, np.ndarray]] = []
    for split, count in (("train", 60), ("test", 10)):
        labels = np.arange(count) % 10
        noise = generator.integers(0, 60, (count, 32, 32, 3))
        arrays.append((f"{split}_images", (noise + 18 * labels[:, None, None, None]).astype(np.uint8)))
        arrays.append((f"{split}_labels", labels))
    write_prepared("cifar10", arrays, folder, {})
    state = timm.create_model("tf_efficientnet_lite0").state_dict()
    tensors = [(name, tensor.numpy()) for name, tensor in state.items()]
    write_prepared("efficientnet_lite0", tensors, folder, {"tensors": [*state]})
    return folder


@pytest.fixture(scope="module")
def config() -> PaperConfig:
    full = CONFIG["scales"]["full"]
    steps = {name: cut(name, step) for name, step in full["steps"].items()}
    return PaperConfig.model_validate({**CONFIG, "scales": {"full": {**full, "steps": steps}}})


def run(step: str, method: str, config: PaperConfig, root: Path) -> list[Record]:
    job = find_job(config, "full", step, method, 0)
    execute(job, config, root, {})
    return [Record.model_validate_json((root / path).read_text()) for path in job.records]


@pytest.mark.slow
def test_every_feature_set_is_made_and_every_classifier_probed(config: PaperConfig, root: Path) -> None:
    facts = {name: run(name, "encoding", config, root)[0].protocol for name in FEATURES}
    assert [facts[name]["dimension"] for name in FEATURES] == [3072, 5, 512, 512, 1280]
    assert facts["imagenet_network"]["resolution"] == 224
    assert [facts[name]["outside_data"] for name in FEATURES] == [False] * 4 + [True]
    for step in ("probes", "separation"):
        for method in CONFIG["scales"]["full"]["steps"][step]["methods"]:
            records = run(step, method, config, root)
            assert all(0 <= record.metrics["error_percent"] <= 100 for record in records)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["naive_bayes", "logistic_regression", "logistic_optimum"])
def test_the_simulation_runs_with_the_published_steps(method: str, config: PaperConfig, root: Path) -> None:
    records = run("simulation", method, config, root)
    assert {record.protocol["grid"] for record in records} == {"steps of ceil(ln n)"}
    assert {record.protocol["repeats"] for record in records} == {5}
    assert {record.metrics["reached"] for record in records} == {1.0}
    assert len(run("growth", method, config, root)) == 2


def test_the_published_worlds_are_planned() -> None:
    conditions = CONFIG["scales"]["full"]["steps"]["simulation"]["conditions"]
    planned = {
        (covariance, classes, features)
        for condition in conditions
        for covariance in condition["covariance"]
        for classes in condition["classes"]
        for features in condition["features"]
    }
    published = {
        (covariance, classes, features)
        for covariance in ("easy", "hard")
        for classes in (2, 3, 5, 7)
        for features in (100, 200, 400, 1000)
    }
    assert published <= planned
