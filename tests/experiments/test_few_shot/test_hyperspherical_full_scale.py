"""The full-scale configuration, as committed, runs on tiny data: training, adding classes, record.

Only the amounts are cut (images, epochs, samples); networks, objectives, rules and settings are real.
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
from common.strict import BadInputError
from experiments.few_shot.hyperspherical_embedding import class_split
from experiments.few_shot.hyperspherical_embedding.settings import ImageSettings
from tests.experiments.test_few_shot.project import squares
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

CONFIG = yaml.safe_load(
    (REPOSITORY / "experiments/few_shot/hyperspherical_embedding/config.yaml").read_text()
)
STEPS = CONFIG["scales"]["full"]["steps"]
PREPARED = ("mnist", "fashion_mnist", "cifar10")
RUN = ["tutorial", "mnist", "cifar10", "more_old_classes", "scales", "training_time"]
AMOUNTS = {"draws": 2, "epochs": 1, "steps": 1, "rounds": 1}


def cut(value: Any) -> Any:
    """Every amount made small; samples of one image or of all."""
    if isinstance(value, list):
        return [cut(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    small = {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}
    return {**small, **({"samples": [1, "all"]} if "samples" in value else {})}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("full")
    for package in ("common", "experiments"):
        (folder / package).symlink_to(REPOSITORY / package)
    for name in PREPARED:
        arrays: list[tuple[str, np.ndarray]] = []
        for split, count in (("train", 200), ("test", 20)):
            images, labels = squares(count, count, side=32 if name == "cifar10" else 28)
            grey = images if name == "cifar10" else images[..., 0]
            arrays += [(f"{split}_images", grey), (f"{split}_labels", labels)]
        write_prepared(name, arrays, folder, {})
    steps = {name: cut(step) for name, step in STEPS.items()}
    return Project(
        folder, PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})
    )


def test_the_tutorial_s_numbers_are_the_tutorial_s() -> None:
    settings = STEPS["tutorial"]["settings"]
    assert (settings["dimension"], settings["objective"]["scale"]) == (60, 10.0)
    assert (settings["learning"]["epochs"], settings["learning"]["learning_rate"]) == (1, 0.001)
    assert settings["data"] == {"dataset": "mnist"}
    assert CONFIG["scales"]["quick"]["steps"]["tutorial"]["settings"] == settings


def test_every_objective_is_shown_as_many_images() -> None:
    step = STEPS["fashion_mnist"]
    shared = step["settings"]["learning"]
    for name, method in step["methods"].items():
        learning = method.get("learning", shared)
        if name not in ("untrained", "one_epoch"):
            assert (learning["epochs"], learning["batch_size"]) == (shared["epochs"], shared["batch_size"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["tutorial", "mnist", "cifar10", "more_old_classes", "scales", "training_time"]
)
def test_a_step_runs_with_each_method(full: Project, name: str) -> None:
    for method in STEPS[name]["methods"]:
        for record in full.run(name, method):
            assert all(np.isfinite(value) for value in record.metrics.values())


@pytest.mark.slow
def test_cifar100_is_read_from_a_folder(
    full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_split, "HELD_OUT", 1)
    generator = np.random.default_rng(0)
    for label in range(100):
        (tmp_path / "data" / f"class_{label:02}").mkdir(parents=True)
        for number in range(4):
            pixels = generator.integers(0, 256, (32, 32, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "data" / f"class_{label:02}" / f"{number}.png")
    for method in ("normalised_softmax", "prototypical"):
        records = full.run("cifar100", method, cifar100=tmp_path)
        facts = records[0].protocol
        assert (facts["old_classes"], facts["new_classes"]) == (80, 20)
        assert (facts["training_images"], facts["test_images"]) == (240, 100)


def test_a_folder_with_too_few_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data" / "one").mkdir(parents=True)
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "data" / "one" / "0.png")
    settings = ImageSettings(dataset="cifar100", source="folder")
    with pytest.raises(BadInputError, match="has 1 images, of which the last 100 are held out"):
        class_split.read_images(settings, tmp_path, {"cifar100": tmp_path})
