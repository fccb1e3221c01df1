"""The full-scale configuration, as committed, runs on tiny files in the format of CIFAR-FS.

Only the amounts are cut (images, epochs, episodes, pixels); networks, split, losses and learners are real.
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
from experiments.few_shot.image_folders import read_class_folders
from experiments.few_shot.partitions import CIFAR_FS_NOVEL, CIFAR_FS_VALIDATION
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

CONFIG = yaml.safe_load((REPOSITORY / "experiments/few_shot/rfs_good_embedding/config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]
IMAGES = 6
CLASSES = sorted([*(f"base_{place}" for place in range(64)), *CIFAR_FS_VALIDATION, *CIFAR_FS_NOVEL])
AMOUNTS: dict[str, Any] = {
    "epochs": 1,
    "queries": 1,
    "episodes": 2,
    "validation_episodes": 2,
    "copies": 1,
    "resolution": 32,
}


def cut(value: Any) -> Any:
    """The settings with every amount made small."""
    if not isinstance(value, dict):
        return value
    return {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}


def cut_step(step: dict[str, Any]) -> dict[str, Any]:
    """A large network, with one training image of each class."""
    settings = cut(step["settings"])
    if settings.get("backbone") == "resnet12" or "checkpoint" in settings:
        settings |= {"data": {**settings["data"], "images": 1}}
    conditions = [
        {
            key: [min(value, 1) for value in values] if key == "copies" else values
            for key, values in condition.items()
        }
        for condition in step.get("conditions", [{}])
    ]
    gathers = dict.fromkeys(step.get("gathers", {}), 1)
    return {**step, "settings": settings, "conditions": conditions, "gathers": gathers}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred folders of noise, named as CIFAR-FS names its held-out classes."""
    folder = tmp_path_factory.mktemp("cifar100")
    generator = np.random.default_rng(0)
    for name in CLASSES:
        (folder / "data" / name).mkdir(parents=True)
        for number in range(IMAGES):
            pixels = generator.integers(0, 256, (32, 32, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "data" / name / f"{number}.png")
    return folder


@pytest.fixture
def full(tmp_path: Path) -> Project:
    for package in ("common", "experiments"):
        (tmp_path / package).symlink_to(REPOSITORY / package)
    steps = {name: cut_step(step) for name, step in STEPS.items()}
    return Project(
        tmp_path, PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})
    )


def test_the_configuration_is_the_paper_s() -> None:
    settings = STEPS["embedding_resnet12"]["settings"]
    assert settings["backbone"] == "resnet12"
    training = settings["training"]
    assert (training["epochs"], training["batch_size"], settings["training_rate"]) == (90, 64, 0.05)
    assert (training["momentum"], training["weight_decay"]) == (0.9, 0.0005)
    taught = STEPS["generation_2_resnet12"]["settings"]
    assert (taught["temperature"], taught["label_weight"], taught["teacher_weight"]) == (4.0, 0.5, 0.5)
    assert STEPS["evaluation_resnet12"]["settings"] == {"ways": 5, "queries": 15, "episodes": 600}


def test_every_learner_is_shown_as_many_images() -> None:
    shown = 64 * 600 * STEPS["embedding"]["settings"]["training"]["epochs"]
    for step in ("episodic_embedding", "gradient_meta_learning"):
        tasks = STEPS[step]["settings"]["tasks"]
        assert tasks["episodes"] * tasks["ways"] * (tasks["shots"] + tasks["queries"]) == shown


def test_class_folders_are_read_in_order(folder: Path) -> None:
    images, labels, names = read_class_folders(folder / "data")
    assert images.shape == (600, 32, 32, 3)
    assert names == CLASSES
    assert labels.tolist() == sorted(labels.tolist())
    first = np.asarray(Image.open(folder / "data" / CLASSES[0] / "0.png"))
    assert np.array_equal(images[0], first)


@pytest.mark.slow
def test_a_resnet12_is_trained_taught_and_evaluated(full: Project, folder: Path) -> None:
    full.run("embedding_resnet12", "training", cifar_fs=folder)
    (record,) = full.run("generation_1_resnet12", "training", cifar_fs=folder)
    assert (record.protocol["backbone"], record.protocol["training_images"]) == ("resnet12", 64)
    assert (record.protocol["training_classes"], record.protocol["novel_classes"]) == (64, 20)
    records = full.run("evaluation_resnet12", "logistic_regression")
    assert {record.protocol["shots"] for record in records} == {1, 2, 5}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["prototypical_network", "ridge_network", "matching_network"])
def test_episodic_learners_are_trained_and_evaluated(full: Project, folder: Path, method: str) -> None:
    full.run("episodic_embedding", method, cifar_fs=folder)
    records = full.run("episodic_evaluation", method)
    assert {record.protocol["shots"] for record in records} == {1, 2, 5}
    assert {record.protocol["backbone"] for record in records} == {"convnet4_64"}
    assert {record.protocol["validation_classes"] for record in records} == {16}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["maml", "maml_first_order", "anil"])
def test_meta_learners_are_trained_and_adapted(full: Project, folder: Path, method: str) -> None:
    records = full.run("gradient_meta_learning", method, cifar_fs=folder)
    assert all(record.protocol["inference"] == "inductive" for record in records)


@pytest.mark.slow
def test_classifiers_of_base_classes_are_evaluated(full: Project, folder: Path) -> None:
    for step, method in (("embedding", "training"), ("embedding_cosine", "training")):
        full.run(step, method, cifar_fs=folder)
    records = [
        record for method in STEPS["evaluation"]["methods"] for record in full.run("evaluation", method)
    ]
    records += full.run("evaluation_cosine", "baseline_plus_plus")
    assert {record.protocol["objective"] for record in records} == {"linear classifier", "cosine classifier"}
    assert all(record.protocol["training_classes"] == 64 for record in records)


@pytest.mark.slow
def test_a_strength_is_chosen_on_the_validation_classes(full: Project, folder: Path) -> None:
    for step in ("embedding", "embedding_validation"):
        full.run(step, "training", cifar_fs=folder)
    records = full.run("regularisation", "logistic_regression")
    assert {record.condition["strength"] for record in records} == {0.01, 0.1, 1.0, 10.0, 100.0, "chosen"}
    assert {record.protocol["validation_classes"] for record in records} == {16}


@pytest.mark.slow
def test_an_embedding_of_imagenet_is_evaluated(full: Project, folder: Path) -> None:
    """With weights that are as drawn, and fewer than the 224 pixels that these were trained on."""
    import timm

    state = timm.create_model("tf_efficientnet_lite0").state_dict()
    arrays = [(name, tensor.numpy()) for name, tensor in state.items()]
    write_prepared("efficientnet_lite0", arrays, full.root, {"tensors": [*state]})
    (record,) = full.run("imagenet_embedding", "encoding", cifar_fs=folder)
    assert record.protocol["outside_data"] == "imagenet"
    assert STEPS["imagenet_embedding"]["settings"]["resolution"] == 224
    assert len(full.run("evaluation_imagenet", "logistic_regression")) == 2
