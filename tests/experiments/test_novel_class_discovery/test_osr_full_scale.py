"""The full-scale configuration, as committed, runs for a few steps on tiny data.

Only the amounts are cut (images, epochs); networks, recipes, scores and splits are the real ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml

from common.data.prepare import write_prepared
from common.runs.config import PaperConfig
from common.strict import BadInputError
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

FOLDER = REPOSITORY / "experiments/novel_class_discovery/osr_closed_set"
CONFIG = yaml.safe_load((FOLDER / "config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]


def test_the_configuration_is_the_paper_s() -> None:
    for dataset, magnitude in (("mnist", 8), ("cifar10", 6)):
        settings = STEPS[dataset]["settings"]
        assert settings["data"] == {"dataset": dataset, "split": "published", "side": 32}
        strong = settings["networks"]["strong"]
        assert (strong["network"], strong["epochs"], strong["batch_size"]) == ("classifier32", 600, 128)
        assert (strong["schedule"], strong["cycles"], strong["warm_up"]) == ("cosine", 3, 10)
        assert (strong["learning_rate"], strong["momentum"], strong["weight_decay"]) == (0.1, 0.9, 0.0001)
        assert strong["magnitude"] == magnitude


def cut(step: dict[str, Any]) -> dict[str, Any]:
    """Two networks but one, of one or two epochs; and as few images as fill two batches of 128."""
    settings = {**step["settings"]}
    if "data" in settings:
        settings["data"] = {**settings["data"], "images": 45}
        settings["networks"] = {
            name: {
                **network,
                "epochs": min(network["epochs"], 1),
                "warm_up": min(0.5, network.get("warm_up", 0)),
            }
            for name, network in settings["networks"].items()
        }
    return {**step, "settings": settings}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("full")
    for package in ("common", "experiments"):
        (folder / package).symlink_to(REPOSITORY / package)
    draws = np.random.default_rng(0)
    for name, shape in (("mnist", (28, 28)), ("cifar10", (32, 32, 3)), ("fashion_mnist", (28, 28))):
        content: list[tuple[str, np.ndarray]] = []
        for split, count in (("train", 450), ("test", 20)):
            labels = np.arange(count, dtype=np.int64) % 10
            colours = 20 * labels.reshape(-1, *(1,) * len(shape))
            pixels = (draws.integers(0, 60, (count, *shape)) + colours).astype(np.uint8)
            content += [(f"{split}_images", pixels), (f"{split}_labels", labels)]
        write_prepared(name, content, folder, {})
    steps = {name: cut(step) for name, step in STEPS.items()}
    return Project(
        folder, PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})
    )


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["mnist", "cifar10", "fashion_mnist"])
def test_arpl_is_trained_and_judged(full: Project, dataset: str) -> None:
    records = full.run(dataset, "arpl")
    assert {record.protocol["network"] for record in records} == {"classifier32"}
    assert {record.protocol["known_classes"] for record in records} == {6}
    assert all(0 <= record.metrics["auroc"] <= 100 for record in records)


@pytest.mark.slow
def test_every_network_is_trained_and_judged(full: Project) -> None:
    records = full.run("mnist", "cross_entropy")
    assert {record.protocol["network"] for record in records} == {
        "classifier32",
        "classifier32_w16",
        "resnet18",
    }
    correlated = STEPS["correlation_mnist"]["settings"]
    strong = next(record for record in records if record.condition == {"network": "strong", "score": "mls"})
    assert strong.protocol["augmentation"] == "rand_augment_upright, crops, flips"
    assert {record.condition["network"] for record in records} > set(correlated["networks"])
    with pytest.raises(BadInputError, match="take some that differ"):  # all are at chance after one epoch
        full.run("correlation_mnist", "cross_entropy")
