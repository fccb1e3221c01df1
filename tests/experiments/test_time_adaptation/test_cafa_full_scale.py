"""CAFA's full-scale configuration, as committed, runs on tiny data: every step, its network and methods.

Only amounts are cut (images, corruptions, learning rates); networks, streams and settings are the real ones.
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
from common.models.registry import small_image_network
from common.records.schema import Record
from common.runs.config import PaperConfig
from tests.experiments.test_time_adaptation.project import (
    REPOSITORY,
    Project,
    coloured_images,
    labels,
    make_root,
)

CONFIG = yaml.safe_load((REPOSITORY / "experiments/test_time_adaptation/cafa/config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]
SIDE, IMAGES, SOURCE_IMAGES = 32, 12, 20
SMALL_METHODS = {"memo": {"options": {"views": 2}}, "cotta": {"options": {"views": 2}}}


def cut(step: dict[str, Any]) -> dict[str, Any]:
    """The first corruption and learning rate of each condition, and settings with tiny amounts."""
    conditions = [
        {name: values if name in ("stream", "batch_size") else values[:1] for name, values in each.items()}
        for each in step.get("conditions", [{}])
    ]
    settings = dict(step["settings"])
    if settings.get("source_images"):
        settings["source_images"] = SOURCE_IMAGES
    if "training" in settings:
        training = {**settings["training"], "epochs": 1, "batch_size": 4}
        settings |= {"training": training, "train_images": 4, "test_images": 2}
    methods = {name: {**own, **SMALL_METHODS.get(name, {})} for name, own in step["methods"].items()}
    few = {"few_images": {**methods["few_images"], "source_images": 10}} if "few_images" in methods else {}
    return {**step, "settings": settings, "conditions": conditions, "methods": {**methods, **few}}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = make_root(tmp_path_factory.mktemp("cafa"))
    state = small_image_network("resnet20", 10).state_dict()
    arrays = {name: value.numpy() for name, value in state.items() if "num_batches" not in name}
    write_prepared("cifar10_resnet20", list(arrays.items()), root, {"tensors": list(arrays)})
    steps = {name: cut(step) for name, step in STEPS.items()}
    project = Project(
        root, PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})
    )
    project.run("published_network", "checkpoint")
    return project


@pytest.fixture(scope="module")
def cifar10_c(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Released arrays of the two corruptions that `cut` leaves, at all severities of a gradual stream."""
    folder = tmp_path_factory.mktemp("cifar10_c")
    for severity in range(1, 6):
        for name in ("speckle_noise", "gaussian_noise"):
            np.save(folder / f"{name}_{severity}.npy", coloured_images(IMAGES, severity))
    np.save(folder / "labels.npy", labels(IMAGES))
    return folder


def streams_of(records: list[Record]) -> set[object]:
    return {record.condition["stream"] for record in records}


def test_every_method_and_every_stream_is_planned() -> None:
    from_definition = {
        "source",
        "bn_adapt",
        "bn_prior",
        "t3a",
        "lame",
        "tent",
        "hard_pl",
        "rpl",
        "shot_im",
        "eata",
    }
    assert set(STEPS["online"]["methods"]) == from_definition | {"sar", "cotta", "rotta", "delta", "cafa"}
    streams = {name for each in STEPS["streams"]["conditions"] for name in each["stream"]}
    assert streams == {"continual", "correlated", "mixed", "gradual", "reset"}
    assert set(STEPS["single_images"]["methods"]) == {"memo", "bn_prior"}
    networks = {step["settings"].get("network") for step in STEPS.values()} - {None}
    assert networks == {"resnet20", "wrn_28_10", "resnet26"}


@pytest.mark.slow
@pytest.mark.parametrize("method", list(STEPS["online"]["methods"]))
def test_every_method_of_the_main_table_adapts(full: Project, cifar10_c: Path, method: str) -> None:
    full.run("tuning", method, cifar10_c=cifar10_c)
    *_, record = full.run("online", method, cifar10_c=cifar10_c)
    assert (record.protocol["network"], record.protocol["weights"]) == ("resnet20", "cifar10_resnet20")
    assert (record.protocol["corrupted_images"], record.protocol["images"]) == ("released", IMAGES)
    assert 0 <= record.metrics["error_percent"] <= 100


@pytest.mark.slow
@pytest.mark.parametrize("method", ["source", "rotta", "cafa"])
def test_every_stream_is_met(full: Project, cifar10_c: Path, method: str) -> None:
    full.run("tuning", method, cifar10_c=cifar10_c)
    records = full.run("streams", method, cifar10_c=cifar10_c)
    assert streams_of(records) == {"continual", "correlated", "mixed", "gradual", "reset"}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["tent", "cafa"])
def test_a_long_stream_and_a_sweep_of_rates_need_no_choice(
    full: Project, cifar10_c: Path, method: str
) -> None:
    (record,) = full.run("long_stream", method, cifar10_c=cifar10_c)
    assert (record.protocol["batch_size"], record.protocol["settings_chosen_on"]) == (10, "published")
    (record,) = full.run("sensitivity", method, cifar10_c=cifar10_c)
    assert record.protocol["settings_chosen_on"] == "swept"
    assert record.metrics["learning_rate"] == record.condition["learning_rate"]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["memo", "bn_prior"])
def test_single_images_are_predicted_by_themselves(full: Project, cifar10_c: Path, method: str) -> None:
    (record,) = full.run("single_images", method, cifar10_c=cifar10_c)
    assert (record.protocol["stream"], record.protocol["batch_size"]) == ("episodic", 1)


@pytest.mark.slow
@pytest.mark.parametrize("arm", ["class_agnostic", "tied", "few_images", "unadapted", "weight_two"])
def test_arms_of_the_ablation_run(full: Project, cifar10_c: Path, arm: str) -> None:
    full.run("ablation_tuning", arm, cifar10_c=cifar10_c)
    *_, record = full.run("ablation", arm, cifar10_c=cifar10_c)
    assert ("distance_ratio" in record.metrics) == (arm != "class_agnostic")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "step"), [("wide_network", "online_wide"), ("resnet26_network", "online_resnet26")]
)
def test_networks_trained_here_are_adapted(full: Project, cifar10_c: Path, source: str, step: str) -> None:
    full.run(source, "training")
    for method in ("bn_adapt", "tent"):
        (record,) = full.run(step, method, cifar10_c=cifar10_c)
        assert record.protocol["batch_size"] == 200
    assert record.metrics["learning_rate"] == 0.001


@pytest.mark.slow
def test_imagenet_c_streams_from_a_folder(
    full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, name in enumerate(("n01440764", "n01443537")):
        folder = tmp_path / "gaussian_noise/5" / name
        folder.mkdir(parents=True)
        for index, image in enumerate(coloured_images(2, place, 224)):
            Image.fromarray(image).save(folder / f"ILSVRC2012_val_{index:08d}.JPEG", format="jpeg")
    create_model = timm.create_model
    monkeypatch.setattr(
        timm, "create_model", lambda name, pretrained: create_model(name, pretrained=False, num_classes=2)
    )
    (record,) = full.run("imagenet_c", "tent", imagenet_c=tmp_path)
    assert (record.protocol["network"], record.protocol["resolution"]) == ("resnet50.tv_in1k", 224)
    assert record.metrics["learning_rate"] == 0.00025
