"""CAFA's full-scale configuration, as committed, runs on tiny data: every step, its network and methods.

Only amounts are cut (images, corruptions, learning rates); networks, streams and settings are the real ones.
"""

from __future__ import annotations

import shutil
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
from common.runs.folders import parse_folders
from common.strict import BadInputError
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
CLASSES = {"CIFAR-100-C": 100, "ImageNet-C": 2}  # of those whose source images lie in a folder


def cut(step: dict[str, Any]) -> dict[str, Any]:
    """The first corruption and learning rate of each condition, and settings with tiny amounts."""
    conditions = [
        {name: values if name in ("stream", "batch_size") else values[:1] for name, values in each.items()}
        for each in step.get("conditions", [{}])
    ]
    settings = dict(step["settings"])
    if settings.get("source_images"):
        settings["source_images"] = SOURCE_IMAGES
    if settings.get("dataset") in CLASSES:
        settings["test_images"] = [0, 4]
    if "source_folder" in settings:
        settings["source_images"] = CLASSES[settings["dataset"]]
    if "training" in settings:
        training = {**settings["training"], "epochs": 1, "batch_size": 4}
        settings |= {"training": training, "train_images": 4, "test_images": 2}
    methods = {name: {**own, **SMALL_METHODS.get(name, {})} for name, own in step["methods"].items()}
    methods = {
        name: {**own, "source_images": settings["source_images"]} if "source_images" in own else own
        for name, own in methods.items()
    }
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
    every = from_definition | {"soft_pl", "sar", "cotta", "rotta", "delta", "cafa"}
    assert set(STEPS["online"]["methods"]) == every
    assert set(STEPS["imagenet_c"]["methods"]) | set(STEPS["imagenet_c_source"]["methods"]) == every
    streams = {name for each in STEPS["streams"]["conditions"] for name in each["stream"]}
    assert streams == {"continual", "correlated", "mixed", "gradual", "reset"}
    for step in ("single_images", "single_images_wide"):
        assert set(STEPS[step]["methods"]) == {"source", "memo", "bn_prior"}
    networks = {step["settings"].get("network") for step in STEPS.values()} - {None}
    assert networks == {"resnet20", "wrn_28_10", "resnet26", "resnet26_group_norm"}
    for step, network in (("cifar100_network", "wrn_28_10"), ("cifar100_resnet26_network", "resnet26")):
        assert (STEPS[step]["settings"]["network"], STEPS[step]["settings"]["classes"]) == (network, 100)
    rows = {"source", "bn_adapt", "tent", "eata", "sar", "cotta", "rotta", "lame", "cafa"}
    assert set(STEPS["cifar100_c"]["methods"]) == rows == set(STEPS["online_wide"]["methods"])


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
@pytest.mark.parametrize("method", ["source", "memo", "bn_prior"])
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
    ("source", "step", "methods"),
    [
        ("wide_network", "online_wide", ["sar", "rotta", "cafa"]),
        ("resnet26_network", "online_resnet26", ["bn_adapt", "tent"]),
        ("group_norm_network", "correlated_group_norm", ["source", "lame", "sar"]),
        ("group_norm_network", "single_images_group_norm", ["memo"]),
    ],
)
def test_networks_trained_here_are_adapted(
    full: Project, cifar10_c: Path, source: str, step: str, methods: list[str]
) -> None:
    full.run(source, "training")
    for method in methods:
        record, *_ = full.run(step, method, cifar10_c=cifar10_c)
        assert record.protocol["network"] == STEPS[source]["settings"]["network"]
        assert record.protocol["batch_size"] == (1 if method == "memo" else 200)
    assert record.metrics["learning_rate"] == (0.005 if method == "memo" else 0.001)


def test_group_normalisation_has_no_statistics_of_a_batch(full: Project, cifar10_c: Path) -> None:
    full.run("group_norm_network", "training")
    step = {**STEPS["online_wide"], "needs": ["group_norm_network"], "methods": {"tent": {}}}
    steps = {name: cut(STEPS[name]) for name in ("group_norm_network",)} | {"online_wide": cut(step)}
    broken = PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})
    with pytest.raises(BadInputError, match="batch normalisation, which the network doesn't have"):
        Project(full.root, broken).run("online_wide", "tent", cifar10_c=cifar10_c)


# ---- CIFAR-100-C


@pytest.fixture(scope="module")
def cifar100(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two images of each of a hundred classes, in the folders that CIFAR-100 is read from."""
    folder = tmp_path_factory.mktemp("cifar100")
    for part in ("train", "test"):
        write_pictures(folder / part, {f"class_{label:02}": 2 for label in range(100)}, SIDE, "png")
    return folder


@pytest.fixture(scope="module")
def cifar100_c(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cifar100_c")
    np.save(folder / "gaussian_noise_5.npy", coloured_images(100, 0))
    np.save(folder / "labels.npy", np.random.default_rng(0).permutation(100))
    return folder


def write_pictures(place: Path, counts: dict[str, int], side: int, kind: str) -> None:
    for number, (name, count) in enumerate(counts.items()):
        (place / name).mkdir(parents=True)
        for index, image in enumerate(coloured_images(count, number, side)):
            ending = {"jpeg": "JPEG"}.get(kind, kind)
            Image.fromarray(image).save(place / name / f"{index:08d}.{ending}", format=kind)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "step", "methods"),
    [
        ("cifar100_network", "cifar100_c", ["bn_adapt", "eata", "cafa"]),
        (
            "cifar100_resnet26_network",
            "cifar100_c_resnet26",
            list(STEPS["cifar100_c_resnet26"]["methods"]),
        ),
    ],
)
def test_cifar100_c_is_adapted_to(
    full: Project, cifar100: Path, cifar100_c: Path, source: str, step: str, methods: list[str]
) -> None:
    (record,) = full.run(source, "training", cifar100=cifar100)
    assert (record.protocol["dataset"], set(record.data)) == ("cifar100", {"cifar100"})
    for method in methods:
        record, *others = full.run(step, method, cifar100=cifar100, cifar100_c=cifar100_c)
        assert len(others) == (2 if step == "cifar100_c" else 0)
        assert (record.protocol["dataset"], record.protocol["images"]) == ("CIFAR-100-C", 4)
        assert set(record.data) == {"cifar100", "cifar100_c"}
        assert record.protocol["source_images"] == (100 if method in ("eata", "cafa") else 0)


def test_a_network_of_a_hundred_classes_needs_as_many_folders(full: Project, tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", {"apple": 1, "pear": 1}, SIDE, "png")
    with pytest.raises(BadInputError, match="train has 2 folders of classes, but the network has 100"):
        full.run("cifar100_network", "training", cifar100=tmp_path)


def test_a_folder_of_another_data_set_is_refused(full: Project, cifar100: Path, cifar10_c: Path) -> None:
    full.run("cifar100_resnet26_network", "training", cifar100=cifar100)
    with pytest.raises(BadInputError, match=r"labels of 10 classes, but the network has 100: the folder"):
        full.run("cifar100_c_resnet26", "source", cifar100=cifar100, cifar100_c=cifar10_c)


def test_a_missing_corruption_is_named(full: Project, cifar100: Path, tmp_path: Path) -> None:
    full.run("cifar100_resnet26_network", "training", cifar100=cifar100)
    with pytest.raises(BadInputError, match=r"gaussian_noise/5 holds no \*/\*\.JPEG files, and there is no"):
        full.run("cifar100_c_resnet26", "source", cifar100=cifar100, cifar100_c=tmp_path)


def test_a_folder_that_nobody_named_is_asked_for() -> None:
    wanted = STEPS["imagenet_c_source"]["folders"]
    with pytest.raises(BadInputError, match="Add: --folder imagenet_train=<path>"):
        parse_folders([f"imagenet_c={REPOSITORY}"], wanted)
    with pytest.raises(BadInputError, match=r"The folder imagenet_c=/nowhere does not exist\."):
        parse_folders(["imagenet_c=/nowhere"], wanted)


# ---- ImageNet-C


@pytest.fixture
def imagenet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Two classes: corrupted pictures, training pictures of several sizes, an untrained ResNet-50."""
    names = {"n01440764": 2, "n01443537": 2}
    write_pictures(tmp_path / "corrupted/gaussian_noise/5", names, 224, "jpeg")
    write_pictures(tmp_path / "training/train", names, 300, "jpeg")
    create_model = timm.create_model
    monkeypatch.setattr(
        timm, "create_model", lambda name, pretrained: create_model(name, pretrained=False, num_classes=2)
    )
    return {"imagenet_c": tmp_path / "corrupted", "imagenet_train": tmp_path / "training"}


IMAGENET = [
    (step, method) for step in ("imagenet_c", "imagenet_c_source") for method in STEPS[step]["methods"]
]


@pytest.mark.slow
@pytest.mark.parametrize(("step", "method"), IMAGENET)
def test_every_method_meets_imagenet_c(
    full: Project, imagenet: dict[str, Path], step: str, method: str
) -> None:
    folders = {name: imagenet[name] for name in STEPS[step]["folders"]}
    records = full.run(step, method, 0, **folders)
    assert streams_of(records) == {"reset", "continual", "mixed"}
    for record in records:
        assert (record.protocol["network"], record.protocol["resolution"]) == ("resnet50.tv_in1k", 224)
        assert (record.protocol["batch_size"], record.protocol["images"]) == (64, 4)
        assert record.protocol["source_images"] == (2 if step == "imagenet_c_source" else 0)
        assert 0 <= record.metrics["error_percent"] <= 100
        if record.protocol["adapted"] != "nothing":
            assert record.metrics["learning_rate"] == 0.00025


def test_training_images_of_too_few_classes_are_refused(full: Project, imagenet: dict[str, Path]) -> None:
    shutil.rmtree(imagenet["imagenet_train"] / "train/n01440764")
    with pytest.raises(BadInputError, match="train has 1 folders of classes, but the network has 2"):
        full.run("imagenet_c_source", "cafa", 0, **imagenet)
