"""The full-scale configuration runs on tiny files in the formats of miniImageNet, CUB and Omniglot.

Only amounts are cut (episodes, epochs, queries); networks, splits, ways, shots and losses are the real ones.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from common.data.manifests import read_manifest
from common.data.prepare import write_prepared
from common.runs.config import PaperConfig
from experiments.few_shot.mini_imagenet_classes import RAVI_NOVEL, RAVI_VALIDATION
from experiments.few_shot.susana_distancia.terms import TERMS
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

CONFIG = yaml.safe_load((REPOSITORY / "experiments/few_shot/susana_distancia/config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]
SIDE, IMAGES = 16, 6  # five shots and a query
AMOUNTS: dict[str, Any] = {"epochs": 1, "queries": 1, "classes": 5}


def cut(value: Any) -> Any:
    """The settings with every amount made small: one step of training, two test episodes."""
    if not isinstance(value, dict):
        return value
    smaller = {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}
    return smaller | ({"episodes": smaller.get("meta_batch", 2)} if "episodes" in smaller else {})


def write_pictures(folder: Path, names: list[str], draws: np.random.Generator) -> list[str]:
    folder.mkdir(parents=True)
    for name in names:
        Image.fromarray(draws.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)).save(folder / name)
    return names


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Noise in a hundred classes of miniImageNet, and in five of birds."""
    root, draws = tmp_path_factory.mktemp("folders"), np.random.default_rng(0)
    mini, cub = root / "mini_imagenet", root / "cub"
    classes = {"train": [f"n0000{place:04d}" for place in range(64)], "val": sorted(RAVI_VALIDATION)}
    classes["test"] = sorted(RAVI_NOVEL)
    rows = {
        split: [(f"{name}{i}.png", name) for name in names for i in range(IMAGES)]
        for split, names in classes.items()
    }
    write_pictures(mini / "images", [file for part in rows.values() for file, _ in part], draws)
    for split, part in rows.items():
        with (mini / f"{split}.csv").open("w", newline="") as lines:
            csv.writer(lines).writerows([("filename", "label"), *part])
    for bird in range(5):
        write_pictures(cub / "data" / f"bird_{bird}", [f"{i}.png" for i in range(IMAGES)], draws)
    return {"mini_imagenet": mini, "cub": cub}


@pytest.fixture
def full(tmp_path: Path) -> Project:
    for package in ("common", "experiments"):
        (tmp_path / package).symlink_to(REPOSITORY / package)
    steps = {name: {**step, "settings": cut(step["settings"])} for name, step in STEPS.items()}
    return Project(
        tmp_path, PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})
    )


def test_the_configuration_is_that_of_the_launch_scripts() -> None:
    shapes = {
        name: STEPS[f"embedding_{name}"]["settings"]["tasks"]
        for name in ("few_1", "many_1", "few_5", "many_5")
    }
    ways = {name: (shape["ways"], shape["shots"]) for name, shape in shapes.items()}
    assert ways == {"few_1": (5, 1), "many_1": (30, 1), "few_5": (5, 5), "many_5": (20, 5)}
    assert STEPS["embedding_few_1"]["settings"]["backbone"] == "convnet4_64"


@pytest.mark.parametrize("scale", ["quick", "full"])
@pytest.mark.parametrize("shots", [1, 5])
def test_few_and_many_ways_show_as_many_images_in_as_many_steps(scale: str, shots: int) -> None:
    steps = CONFIG["scales"][scale]["steps"]
    few, many = (steps[f"embedding_{ways}_{shots}"]["settings"]["tasks"] for ways in ("few", "many"))
    assert few["episodes"] * few["ways"] == many["episodes"] * many["ways"]
    assert few["episodes"] // few["meta_batch"] == many["episodes"] // many["meta_batch"]
    assert few["queries"] == many["queries"]


@pytest.mark.parametrize("scale", ["smoke", "quick", "full"])
def test_a_loss_is_the_mean_of_known_terms(scale: str) -> None:
    """But for the controls: half of cross-entropy, and no training."""
    steps = CONFIG["scales"][scale]["steps"].values()
    arms = [(name, arm["terms"]) for step in steps for name, arm in step["methods"].items() if "terms" in arm]
    for name, terms in arms:
        assert set(terms) <= set(TERMS)
        assert set(terms.values()) <= {0.5 if name == "cross_half" else round(1 / max(1, len(terms)), 4)}


@pytest.mark.slow
def test_every_arm_is_trained_and_judged_elsewhere_too(full: Project, folders: dict[str, Path]) -> None:
    mini, cub = folders["mini_imagenet"], folders["cub"]
    for arm in STEPS["embedding_few_1"]["methods"]:
        full.run("embedding_few_1", arm, mini_imagenet=mini)
        (record,) = full.run("evaluation_few_1", arm)
        assert (record.protocol["training_classes"], record.protocol["novel_classes"]) == (64, 20)
    full.run("transfer_few_1", "proto_triplet", mini_imagenet=mini, cub=cub)
    (record,) = full.run("transfer_evaluation_few_1", "proto_triplet")
    assert (record.protocol["dataset"], record.protocol["novel_classes"]) == ("mini_imagenet to cub", 5)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["many_1", "few_5", "many_5"])
def test_other_shapes_of_tasks_are_trained(full: Project, folders: dict[str, Path], shape: str) -> None:
    full.run(f"embedding_{shape}", "both", mini_imagenet=folders["mini_imagenet"])
    full.run(f"evaluation_{shape}", "both")


@pytest.mark.slow
def test_a_resnet12_goes_on_from_a_classifier(full: Project, folders: dict[str, Path]) -> None:
    full.run("pretrained_resnet12", "training", mini_imagenet=folders["mini_imagenet"])
    full.run("resnet12_many_5", "proto_triplet", mini_imagenet=folders["mini_imagenet"])
    (record,) = full.run("resnet12_evaluation_many_5", "proto_triplet")
    assert str(record.protocol["objective"]).startswith("linear classifier, then 20-way 5-shot tasks")


@pytest.mark.slow
def test_other_learners_are_trained_and_tested(full: Project, folders: dict[str, Path]) -> None:
    (record,) = full.run("relation_few_1", "relation_network", mini_imagenet=folders["mini_imagenet"])
    assert record.protocol["backbone"] == "convnet4_64"
    full.run("matching_few_5", "matching_network", mini_imagenet=folders["mini_imagenet"])
    full.run("matching_evaluation_few_5", "matching_network")


@pytest.mark.slow
def test_omniglot_is_trained_at_its_usual_size(full: Project) -> None:
    facts = read_manifest("omniglot", REPOSITORY).facts
    draws = np.random.default_rng(0)
    counts = {split: len(facts[f"{split}_characters"]) for split in ("background", "evaluation")}  # type: ignore[arg-type]
    arrays = [(f"{split}_images", draws.random((count, 2, 7, 7)) < 0.3) for split, count in counts.items()]
    write_prepared("omniglot", arrays, full.root, facts)
    full.run("omniglot_many_1", "full_icnn")
    (record,) = full.run("omniglot_evaluation_many_1", "full_icnn")
    assert (record.protocol["training_classes"], record.protocol["novel_classes"]) == (4112, 1692)
    assert (record.protocol["side"], record.protocol["ways"]) == (28, 20)
