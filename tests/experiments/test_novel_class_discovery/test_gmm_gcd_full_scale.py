"""The full-scale configuration, as committed, runs on tiny data with weights in DINO's format.

Only the amounts are cut (images, epochs, searches) and the transformer's width; losses, schedules and E-steps
are the real ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
import yaml

from common.data.prepare import write_prepared
from common.runs.config import PaperConfig
from common.strict import BadInputError
from experiments.novel_class_discovery.contrastive_network import WEIGHTS, ContrastiveNetwork, fresh_backbone
from tests.experiments.test_few_shot.project import squares
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

CONFIG = yaml.safe_load((REPOSITORY / "experiments/novel_class_discovery/gmm_gcd/config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]
AMOUNTS: dict[str, Any] = {
    "images": 3,
    "test_images": 1,
    "epochs": 2,
    "batch_size": 10,
    "initialisations": 2,
    "most": 12,
    "rounds": 1,
    "components": 4,
    "shown": 4,
    "precision": "float32",
    "backbone": "vit_tiny_patch16_224",
}


def cut(value: Any) -> Any:
    """The settings with every amount made small."""
    if isinstance(value, dict):
        return {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}
    return value


def cut_step(step: dict[str, Any]) -> dict[str, Any]:
    settings = cut(step["settings"])
    if "data" in settings:
        settings["data"] |= {"images": 3, "test_images": 1}
    return {**step, "settings": settings, "methods": cut(step["methods"])}


@pytest.fixture(scope="module")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a transformer's weights, at random, under the names that DINO's file has."""
    folder = tmp_path_factory.mktemp("dino")
    torch.save(timm.create_model("vit_tiny_patch16_224", num_classes=0).state_dict(), folder / WEIGHTS)
    return folder


@pytest.fixture
def full(tmp_path: Path) -> Project:
    for package in ("common", "experiments"):
        (tmp_path / package).symlink_to(REPOSITORY / package)
    arrays: list[tuple[str, np.ndarray]] = []
    for split, count in (("train", 30), ("test", 10)):
        images, labels = squares(count, count, 32)
        arrays += [(f"{split}_images", images), (f"{split}_labels", labels)]
    write_prepared("cifar10", arrays, tmp_path, {})
    steps = {name: cut_step(step) for name, step in STEPS.items() if "cifar100" not in name}
    scales = {"full": {"seeds": 1, "steps": steps}}
    return Project(tmp_path, PaperConfig.model_validate({**CONFIG, "scales": scales}))


def test_the_configuration_is_the_paper_s() -> None:
    settings = STEPS["joint"]["settings"]
    assert settings["network"]["backbone"] == "vit_base_patch16_224"
    assert (settings["training"]["epochs"], settings["training"]["batch_size"]) == (60, 256)
    assert (settings["learning_rate"], settings["training"]["weight_decay"]) == (0.1, 0.00005)
    assert settings["contrast"] == {
        "labelled_share": 0.35,
        "temperature": 1.0,
        "labelled_temperature": 0.07,
    }
    assert STEPS["joint_cifar100"]["settings"]["data"]["known"] == 80
    assert STEPS["joint_cifar100"]["conditions"][0]["start"] == [120]
    assert STEPS["representation"]["settings"]["training"]["epochs"] == 200
    assert STEPS["parametric"]["settings"]["entropy_weights"] == {"cifar10": 1.0, "cifar100": 4.0}


def test_only_the_last_block_and_what_lies_above_it_learns() -> None:
    backbone, dimension = fresh_backbone("vit_tiny_patch16_224", 3, torch.zeros(3), torch.ones(3))
    network = ContrastiveNetwork(backbone, dimension, 8, 4, classes=10)
    learning = {id(value) for value in network.learning()}
    names = {name for name, value in network.named_parameters() if id(value) in learning}
    blocks = {name.split(".")[3] for name in names if name.startswith("backbone.network.blocks")}
    assert blocks == {"11"}
    assert not any("patch_embed" in name for name in names)
    assert {"prototypes", "projection.4.weight"} <= names


def test_weights_that_are_missing_or_of_another_network_are_refused(tmp_path: Path) -> None:
    backbone, _ = fresh_backbone("vit_tiny_patch16_224", 3, torch.zeros(3), torch.ones(3))
    with pytest.raises(BadInputError, match="give the folder into which it was downloaded"):
        backbone.load(tmp_path)  # type: ignore[operator]
    torch.save({"cls_token": torch.zeros(1, 1, 8)}, tmp_path / WEIGHTS)
    with pytest.raises(BadInputError, match="isn't of this network"):
        backbone.load(tmp_path)  # type: ignore[operator]


@pytest.mark.slow
def test_features_are_learned_and_clustered(full: Project, dino: Path) -> None:
    full.run("representation", "gcd", dino=dino)
    records = [
        record for method in STEPS["clustering"]["methods"] for record in full.run("clustering", method)
    ]
    assert {record.protocol["pretrained_on"] for record in records} == {"imagenet"}
    assert {record.protocol["split"] for record in records} == {"first"}


@pytest.mark.slow
def test_simgcd_is_trained(full: Project, dino: Path) -> None:
    (record,) = full.run("parametric", "simgcd", dino=dino)
    assert record.protocol["classes_given"] == "known"


@pytest.mark.slow
@pytest.mark.parametrize("method", ["known_number", "released"])
def test_features_and_clusters_are_learned_in_turn(full: Project, dino: Path, method: str) -> None:
    (record,) = full.run("joint", method, dino=dino)
    assert record.protocol["classes_given"] == ("known" if method == "known_number" else "estimated")
