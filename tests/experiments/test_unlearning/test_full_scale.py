"""The full-scale configuration, as committed, runs on tiny data: forward, backward, evaluation, record.

Only the amounts are cut (images, epochs, shadow networks), and compilation is left to the tests of the
training loop; the network, augmentation, precision, methods and all other settings are the real ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from common.data.prepare import write_prepared
from common.records.schema import Record
from common.runs.config import PaperConfig
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

CONFIG = yaml.safe_load((REPOSITORY / "experiments/unlearning/challenging_forgets/config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]
METHODS = ["ft", "l1_sparse", "eu_k", "cf_k", "scrub", "rl", "be", "be_kept", "bs", "salun"]
AMOUNTS = {
    "epochs": 1,
    "batch_size": 16,
    "compiled": False,
    "per_class": 5,
    "upper_iterations": 1,
    "lower_epochs": 1,
    "count": 6,
    "classes": 4,  # a fifth of the images is then no whole class
}


def cut(value: Any) -> Any:
    """The settings with every amount made small."""
    if isinstance(value, dict):
        return {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}
    return value


def cut_step(name: str, step: dict[str, Any]) -> dict[str, Any]:
    settings = cut(step["settings"])
    if name == "original":
        settings |= {"early_epochs": 1, "training": {**settings["training"], "epochs": 2}}
    conditions = [
        {key: values[:1] if key == "learning_rate" else values for key, values in condition.items()}
        for condition in step.get("conditions", [{}])
    ]
    gathers = dict.fromkeys(step.get("gathers", {}), 1)
    return {
        **step,
        "settings": settings,
        "methods": cut(step["methods"]),
        "conditions": conditions,
        "gathers": gathers,
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Noise under four labels, and all that the methods read."""
    root = tmp_path_factory.mktemp("full")
    for package in ("common", "experiments"):
        (root / package).symlink_to(REPOSITORY / package)
    generator = np.random.default_rng(0)
    arrays: list[tuple[str, np.ndarray]] = []
    for split, count in (("train", 80), ("test", 20)):
        labels = np.arange(count, dtype=np.int64) % 4
        images = generator.integers(0, 256, (count, 32, 32, 3))
        arrays += [(f"{split}_images", images.astype(np.uint8)), (f"{split}_labels", labels)]
    write_prepared("cifar10", arrays, root, {})
    steps = {name: cut_step(name, step) for name, step in STEPS.items() if name != "overlap"}
    config = {**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}}
    project = Project(root, PaperConfig.model_validate(config))
    for step, method in (("original", "training"), ("forget_sets", "selection"), ("retrain", "retrain")):
        project.run(step, method)
    return project


def test_the_configuration_is_the_paper_s() -> None:
    settings = STEPS["retrain"]["settings"]
    assert settings["data"]["dataset"] == "cifar10"
    assert settings["data"]["network"] == "resnet18"
    assert (settings["training"]["epochs"], settings["training"]["batch_size"]) == (182, 256)
    for step in ("original", "retrain", "shadows"):
        given = STEPS[step]["settings"]
        assert (given["training_rate"], given["training"]["schedule"]) == (0.1, "cosine")
        assert (given["training"]["momentum"], given["training"]["weight_decay"]) == (0.9, 0.0005)
    assert settings["membership"] == {"per_class": 10000}
    assert list(STEPS["unlearning"]["methods"]) == METHODS


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_tuned_and_unlearns(full: Project, method: str) -> None:
    if not (full.root / "results/full/challenging_forgets/artefacts/retrain_for_tuning").exists():
        full.run("retrain_for_tuning", "retrain")
    full.run("tuning", method)
    records = full.run("unlearning", method)
    assert {record.condition["forget_set"] for record in records} >= {"random", "worst"}
    assert all(record.protocol["network"] == "resnet18" for record in records)
    assert all(record.protocol["augmentation"] is True for record in records)
    assert all(0 <= record.metrics["average_gap"] <= 100 for record in records)


@pytest.mark.slow
def test_shadow_networks_are_trained_and_attacked(full: Project) -> None:
    full.run("shadows", "training")
    records = full.run("leakage_references", "no_unlearning")
    assert [record.condition["targets"] for record in records] == ["random", "worst"]
    difficulty: list[Record] = full.run("difficulty", "scores")
    assert {record.pictures is not None for record in difficulty} == {True}


@pytest.mark.slow
def test_classes_are_selected_and_forgotten(full: Project) -> None:
    full.run("class_sets", "selection")
    (random, worst, _) = full.run("retrain_classes", "retrain")
    assert random.protocol["forget_images"] == worst.protocol["forget_images"] == 18


def test_selections_are_recorded_with_their_facts(full: Project) -> None:
    folder = full.root / "results/full/challenging_forgets/records/forget_sets/selection/seed0"
    worst = full.read(Path(folder / "forget_set=worst+ratio=0.1.json"))
    assert worst.protocol["start"] == "uniform"
    assert worst.protocol["upper_step"] == 0.001
    assert worst.protocol["training_images"] == 72
