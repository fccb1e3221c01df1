"""Omniglot's table on tiny drawings: the steps of its paper, and its full scale with small amounts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from common.checkpoints import Checkpoints
from common.data.manifests import read_manifest
from common.data.prepare import write_prepared
from common.records.schema import Scalar
from common.runs.config import PaperConfig
from common.strict import BadInputError
from experiments.few_shot.backbones import FlatConvNet4, fresh_network
from experiments.few_shot.baselines import nearest_class_mean, nearest_neighbour, prototypical_network
from experiments.few_shot.embeddings import Embedding
from experiments.few_shot.prototypical_networks import (
    frozen_features,
    matched_meta_learning,
    matched_tasks,
    pixels,
)
from experiments.few_shot.prototypical_networks.settings import Frozen, TestSettings
from experiments.few_shot.prototypical_networks.trial import TOGETHER, trial
from tests.experiments.test_few_shot.project import job
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

CONFIG = yaml.safe_load((REPOSITORY / "experiments/few_shot/prototypical_networks/config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]
FACTS = read_manifest("omniglot", REPOSITORY).facts
DATA = {"dataset": "omniglot", "base": 10, "novel": 6, "side": 16}
TASKS = {"ways": 3, "shots": 1, "queries": 2, "episodes": 3, "learning_rate": 0.01}
TEST = {"queries": 2, "episodes": 4}
MATCHED = {"data": DATA, "backbone": "convnet4_16_flat", "tasks": TASKS, "test": TEST}
RAW: dict[str, Scalar] = {"ways": 5, "shots": 1, "features": "raw"}
AMOUNTS: dict[str, Any] = {"epochs": 1, "episodes": 4, "queries": 1, "meta_batch": 2}


def write_omniglot(root: Path, characters: dict[str, list[str]], drawings: int) -> None:
    """Noise of 32 x 32 bits."""
    generator = np.random.default_rng(0)
    arrays = [
        (f"{split}_images", generator.random((len(names), drawings, 32, 32)) < 0.2)
        for split, names in characters.items()
    ]
    facts: Any = {f"{split}_characters": names for split, names in characters.items()}
    write_prepared("omniglot", arrays, root, facts)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    names = {split: [f"{split}/{place}" for place in range(8)] for split in ("background", "evaluation")}
    write_omniglot(root, names, drawings=8)
    return root


def matched(root: Path, conditions: list[dict[str, Any]], **given: Any) -> list[Any]:
    settings = matched_tasks.Settings.model_validate(MATCHED)
    return list(matched_tasks.run(job(root, settings, conditions, **given)))


def test_the_flat_network_leaves_one_number_of_each_map() -> None:
    network = FlatConvNet4(4, 3, 1).eval()
    images = torch.randn(2, 1, 28, 28)
    assert network(images).shape == (2, 3)
    x = images
    for block in network.blocks:
        x = torch.nn.functional.max_pool2d(block(x), 2)
    assert x.shape == (2, 4, 1, 1)
    assert torch.equal(network.features(images), x[:, :, 0, 0])
    assert fresh_network("convnet4_64_flat", 5, 1, 0, torch.device("cpu")).dimension == 64
    with pytest.raises(BadInputError, match="for images of 16 to 31 pixels, not of 32"):
        network.features(torch.randn(2, 1, 32, 32))


def test_pixels_are_the_standardised_image(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "pixels.pt"
    (result,) = pixels.run(job(root, pixels.Settings.model_validate({"data": DATA}), artefact=path))
    saved = Embedding.load(path)
    assert result.metrics == {"pixels": 256.0}
    assert saved.features.shape == (6 * 8, 256)
    assert (saved.facts.backbone, saved.facts.training_images, saved.facts.objective) == ("pixels", 0, "none")
    inputs = {"pixels": path}
    settings = frozen_features.Settings.model_validate(TEST)
    given = job(root, settings, [RAW], inputs=inputs, implementation=nearest_neighbour)
    (tested,) = frozen_features.run(given)
    assert tested.protocol.model_dump()["ways"] == 5
    with pytest.raises(BadInputError, match="tests one embedding: name its step"):
        list(frozen_features.run(job(root, settings, [RAW])))
    with pytest.raises(BadInputError, match="has no 'artefact'"):
        list(pixels.run(job(root, pixels.Settings.model_validate({"data": DATA}))))


def test_classes_apart_are_told_apart_and_noise_is_not(root: Path, tmp_path: Path) -> None:
    """Of classes that lie on different axes, every query is right; of noise, one of five."""
    labels = torch.arange(8).repeat_interleave(10)
    apart = torch.eye(8)[labels]
    noise = torch.randn(80, 8, generator=torch.Generator().manual_seed(0))
    path = tmp_path / "pixels.pt"
    list(pixels.run(job(root, pixels.Settings.model_validate({"data": DATA}), artefact=path)))
    facts = Embedding.load(path).facts
    settings = TestSettings(queries=5, episodes=4 * TOGETHER + 1)
    for features, expected in ((apart, 100.0), (noise, 20.0)):
        frozen = Frozen(features, labels, torch.zeros(8), facts)
        result = trial(nearest_class_mean.classify, frozen, settings, {**RAW, "shots": 5}, 0)
        assert result.metrics["accuracy"] == pytest.approx(expected, abs=3)


def test_training_has_the_shots_of_the_test(root: Path) -> None:
    conditions = [{**RAW, "ways": ways, "shots": shots} for ways in (3, 5) for shots in (1, 2)]
    results = matched(root, conditions, implementation=prototypical_network)
    found = [(result.protocol.model_dump(), result.curves["task_loss"]) for result in results]
    assert [(facts["ways"], facts["shots"]) for facts, _ in found] == [(3, 1), (3, 2), (5, 1), (5, 2)]
    assert [facts["training_passes"] for facts, _ in found] == [
        3 * 3 * (shots + 2) / 80 for shots in (1, 2, 1, 2)
    ]
    assert found[0][1] == found[2][1] != found[1][1]


def test_a_finished_training_is_kept(root: Path, tmp_path: Path) -> None:
    """Killed in the training for two shots: that for one is not run again, and numbers are the same."""
    calls = 0

    def classify(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise KeyboardInterrupt
        return prototypical_network.classify(*arguments)

    method: Any = SimpleNamespace(classify=classify)
    conditions = [{**RAW, "ways": 3}, {**RAW, "ways": 3, "shots": 2}]
    with pytest.raises(KeyboardInterrupt):
        matched(
            root, conditions, implementation=method, checkpoints=Checkpoints(tmp_path / "job", interval=0)
        )
    last = Checkpoints(tmp_path / "job", interval=0)
    calls = 100
    again = matched(root, conditions, implementation=method, checkpoints=last)
    assert calls - 100 == 2 + 2  # of three trainings tasks of two shots, one was done; two tests
    undisturbed = matched(root, conditions, implementation=prototypical_network)
    assert [(r.metrics, r.curves) for r in again] == [(r.metrics, r.curves) for r in undisturbed]


def test_meta_learners_adapt_as_their_ways_ask(root: Path) -> None:
    settings = matched_meta_learning.Settings.model_validate(
        {
            "data": DATA,
            "backbone": "convnet4_16",
            "tasks": TASKS,
            "evaluation": {"ways": 3, **TEST},
            "inner_steps": 1,
            "test_steps": 3,
            "inner_rate": 0.4,
            "by_ways": {5: {"inner_steps": 2, "test_steps": 2, "inner_rate": 0.1}},
        }
    )
    three, five = settings.matched(3, 1), settings.matched(5, 2)
    assert (three.tasks.ways, three.inner_rate, three.test_steps) == (3, 0.4, 3)
    assert (five.tasks.ways, five.tasks.shots, five.inner_rate, five.test_steps) == (5, 2, 0.1, 2)
    conditions: Any = [{"ways": 3, "shots": 1}, {"ways": 5, "shots": 2}]
    results = list(matched_meta_learning.run(job(root, settings, conditions)))
    found = [result.protocol.model_dump() for result in results]
    assert [(facts["ways"], facts["shots"]) for facts in found] == [(3, 1), (5, 2)]


def cut(value: Any) -> Any:
    """The settings with every amount made small."""
    if not isinstance(value, dict):
        return value
    return {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}


def cut_step(step: dict[str, Any]) -> dict[str, Any]:
    settings = cut(step["settings"])
    if "training" in settings:
        settings["data"]["images"] = 1
    if "by_ways" in settings:  # five shots of twenty ways take gigabytes
        step = {**step, "conditions": [{"ways": [5, 20], "shots": [1]}]}
    return {**step, "settings": settings}


def test_the_full_configuration_is_the_quoted_one() -> None:
    settings = STEPS["matched_tasks"]["settings"]
    assert (settings["tasks"]["ways"], settings["tasks"]["queries"]) == (60, 5)
    assert (settings["backbone"], settings["test"]["episodes"]) == ("convnet4_64_flat", 1000)
    few, many = STEPS["few_way_tasks"]["settings"]["tasks"], settings["tasks"]
    assert few["ways"] * few["episodes"] == many["ways"] * many["episodes"]
    assert few["episodes"] // few["meta_batch"] == many["episodes"]


@pytest.mark.slow
def test_the_full_configuration_runs(tmp_path: Path) -> None:
    """Each kind of training, on the real characters' names; only amounts are cut."""
    for package in ("common", "experiments"):
        (tmp_path / package).symlink_to(REPOSITORY / package)
    names: Any = {split: FACTS[f"{split}_characters"] for split in ("background", "evaluation")}
    write_omniglot(tmp_path, names, drawings=6)
    steps = {name: cut_step(step) for name, step in STEPS.items()}
    scales = {"full": {"seeds": 1, "steps": steps}}
    full = Project(tmp_path, PaperConfig.model_validate({**CONFIG, "scales": scales}))
    tasks = full.run("matched_tasks", "prototypical_network")
    facts = tasks[0].protocol
    assert (facts["training_classes"], facts["novel_classes"], facts["rotations"]) == (4800, 1692, "all")
    assert facts["backbone_parameters"] == 64 * 9 + 3 * 64 * 64 * 9 + 4 * 2 * 64
    full.run("classifier", "training")
    assert len(full.run("classifier_test", "logistic_regression")) == 4
    adapted = full.run("meta_learning", "maml")
    assert [record.protocol["ways"] for record in adapted] == [5, 20]
