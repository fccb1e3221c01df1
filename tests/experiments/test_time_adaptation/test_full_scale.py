"""The full-scale configuration, as committed, runs on tiny data: forward, backward, evaluation, record.

Only the amounts are cut (images, epochs, severities); networks, methods and settings are the real ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import yaml
from PIL import Image

from common.data.prepare import write_prepared
from common.runs.config import PaperConfig
from experiments.test_time_adaptation.self_learning import two_points
from tests.experiments.test_time_adaptation.project import (
    REPOSITORY,
    Project,
    coloured_images,
    labels,
    make_root,
)

CONFIG = yaml.safe_load(
    (REPOSITORY / "experiments/test_time_adaptation/self_learning/config.yaml").read_text()
)
METHODS = ["source", "bn_adapt", "ent", "hard_pl", "soft_pl", "rpl"]


def cut(step: dict[str, Any]) -> dict[str, Any]:
    """One corruption, severity and learning rate of each split, and one epoch for what has epochs."""

    def first(condition: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return {name: values[:1] for name, values in condition.items()}

    one_epoch = {
        name: {**own, "epochs": 1} if own.get("epochs") else own for name, own in step["methods"].items()
    }
    settings = step["settings"]
    if "training" in settings:
        training = {**settings["training"], "epochs": 1, "batch_size": 4}
        settings = {**settings, "training": training, "train_images": 4, "test_images": 2}
    conditions = [first(condition) for condition in step.get("conditions", [{}])]
    return {**step, "methods": one_epoch, "conditions": conditions, "settings": settings}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = make_root(tmp_path_factory.mktemp("full"))
    names = ("speckle_noise_1", "gaussian_noise_1")
    arrays = [*((name, coloured_images(4, seed)) for seed, name in enumerate(names)), ("labels", labels(4))]
    write_prepared("cifar10_corrupted_full", arrays, root, {})
    scale = CONFIG["scales"]["full"]
    steps = {name: cut(step) for name, step in scale["steps"].items() if name != "two_points"}
    config = {**CONFIG, "scales": {"full": {**scale, "steps": steps}}}
    return Project(root, PaperConfig.model_validate(config))


def test_all_methods_of_the_paper_are_planned_at_full_scale() -> None:
    steps = CONFIG["scales"]["full"]["steps"]
    for name in ("adaptation", "regenerated", "adaptation_resnet26"):
        assert list(steps[name]["methods"]) == METHODS
    assert steps["source_network"]["settings"]["network"] == "wrn_28_10"
    assert steps["source_resnet26"]["settings"]["network"] == "resnet26"
    assert set(steps["imagenet_c"]["methods"]) == {"source", "bn_adapt", "ent", "rpl"}


def test_the_wide_network_trains_and_adapts_to_the_released_arrays(full: Project, tmp_path: Path) -> None:
    (record,) = full.run("source_network", "training")
    assert record.protocol["network"] == "wrn_28_10"
    for seed, name in enumerate(("speckle_noise_1", "gaussian_noise_1")):
        np.save(tmp_path / f"{name}.npy", coloured_images(10, seed))
    np.save(tmp_path / "labels.npy", labels(10))
    *_, record = full.run("adaptation", "ent", cifar10_c=tmp_path)
    assert record.protocol["network"] == "wrn_28_10"
    assert record.protocol["corrupted_images"] == "released"
    assert record.condition["corruption"] == "gaussian_noise"
    assert record.metrics["epochs"] == 1
    assert set(record.data) == {"cifar10_c"}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_adapts_resnet26(full: Project, method: str) -> None:
    if not (full.root / "results/full/self_learning/artefacts/source_resnet26").exists():
        full.run("source_resnet26", "training")
    records = full.run("adaptation_resnet26", method)
    assert [record.condition["split"] for record in records] == (
        ["test"] if method in ("source", "bn_adapt") else ["development", "test"]
    )
    assert records[-1].protocol["network"] == "resnet26"
    assert 0 <= records[-1].metrics["error_percent"] <= 100


@pytest.fixture
def imagenet_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two classes of two pictures, and a ResNet-50 for two classes whose weights nobody has to fetch."""
    make_tree(tmp_path / "gaussian_noise" / "1", {"n01440764": 2, "n01443537": 2}, side=224)
    create_model = timm.create_model

    def without_weights(name: str, pretrained: bool) -> Any:
        assert pretrained
        return create_model(name, pretrained=False, num_classes=2)

    monkeypatch.setattr(timm, "create_model", without_weights)
    return tmp_path


def make_tree(place: Path, counts: dict[str, int], side: int) -> None:
    for number, (name, count) in enumerate(counts.items()):
        (place / name).mkdir(parents=True)
        for index, image in enumerate(coloured_images(count, 10 * number, side)):
            Image.fromarray(image).save(place / name / f"ILSVRC2012_val_{index:08d}.JPEG", format="jpeg")


@pytest.mark.parametrize("method", ["bn_adapt", "rpl"])
def test_imagenet_c_is_adapted_to(full: Project, imagenet_c: Path, method: str) -> None:
    (record,) = full.run("imagenet_c", method, imagenet_c=imagenet_c)
    assert record.protocol["network"] == "resnet50.tv_in1k"
    assert record.protocol["weights"] == "resnet50.tv_in1k"
    assert record.protocol["resolution"] == 224
    assert record.protocol["images"] == 4
    assert record.protocol["settings_chosen_on"] == ("published" if method == "rpl" else "nothing_to_choose")
    assert record.metrics["learning_rate"] == (0.001 if method == "rpl" else 0.0)
    assert record.metrics["relative_error_percent"] == record.metrics["error_percent"] / 0.886428


def test_the_theory_runs_with_its_full_settings() -> None:
    step = CONFIG["scales"]["full"]["steps"]["two_points"]
    for own in step["methods"].values():
        settings = two_points.Settings.model_validate({**step["settings"], **own})
        assert (settings.temperatures, settings.lowest, settings.highest) == (250, 0.001, 10.0)
