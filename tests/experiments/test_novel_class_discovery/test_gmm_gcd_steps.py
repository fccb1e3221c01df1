"""Steps of GMM-GCD on coloured squares: splits of images, repeats, a kill, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from common.checkpoints import Checkpoints
from common.runs.job import Result
from common.strict import BadInputError, validate
from experiments.novel_class_discovery.gcd_images import GcdImages, GcdSettings, load_gcd_images
from experiments.novel_class_discovery.gmm_gcd import (
    alternation,
    clustering,
    joint,
    parametric,
    pretraining,
    representation,
    simulation,
)
from experiments.novel_class_discovery.gmm_gcd.learning import open_study, unit_features
from tests.experiments.test_novel_class_discovery.discovery_project import job, make_root

DATA: dict[str, Any] = {
    "split": "random",
    "known": 5,
    "images": 6,
    "test_images": 2,
    "margin": 1,
    "jitter": 0.2,
}
NETWORK = {"backbone": "resnet8_quarter", "hidden": 8, "projected": 4}
LEARNING: dict[str, Any] = {
    "data": DATA,
    "network": NETWORK,
    "contrast": {"labelled_share": 0.35, "temperature": 1.0, "labelled_temperature": 0.07},
    "training": {"epochs": 3, "batch_size": 20, "schedule": "cosine"},
    "learning_rate": 0.03,
}
JOINT: dict[str, Any] = {
    **LEARNING,
    "components": 4,
    "mixture": {"relative_scale": 3.84},
    "prototype_temperature": 0.07,
    "warm_up": 1,
    "shown": 5,
}
CONDITION: list[dict[str, Any]] = [{"dataset": "cifar10"}]
STARTED: list[dict[str, Any]] = [{"dataset": "cifar10", "start": 8}]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_root(tmp_path_factory.mktemp("gcd"))


@pytest.fixture(scope="module")
def gathered(root: Path) -> dict[str, list[Path]]:
    """A network pretrained for one epoch."""
    network = root / "network.pt"
    settings = {
        "dataset": "cifar10",
        "data": DATA,
        "network": NETWORK,
        "temperature": 0.2,
        "training": {"epochs": 1, "batch_size": 20},
        "learning_rate": 0.03,
    }
    list(pretraining.run(job(root, pretraining.Settings.model_validate(settings), artefact=network)))
    return {"pretraining_cifar10": [network]}


@pytest.fixture(scope="module")
def features(root: Path, gathered: dict[str, list[Path]]) -> Path:
    artefact = root / "features.npz"
    settings = representation.Settings.model_validate(LEARNING)
    facts: dict[str, Any] = {"artefact": artefact, "gathered": gathered, "conditions": CONDITION}
    list(representation.run(job(root, settings, **facts)))
    return artefact


def images_of(root: Path, seed: int = 0, **changes: Any) -> GcdImages:
    settings = GcdSettings.model_validate({**DATA, **changes})
    return load_gcd_images("cifar10", settings, root, seed, torch.device("cpu"))


def learned_jointly(root: Path, gathered: dict[str, list[Path]], **changes: Any) -> Result:
    checkpoints = {name: changes.pop(name) for name in ("checkpoints",) if name in changes}
    settings = joint.Settings.model_validate({**JOINT, **changes})
    (result,) = joint.run(job(root, settings, gathered=gathered, conditions=STARTED, **checkpoints))
    return result


def clustered(root: Path, features: Path, **changes: Any) -> Result:
    settings: dict[str, Any] = {"data": DATA, "kind": "k_means", "initialisations": 2, "most": 12}
    settings |= {"passes": 3, "backbone": "resnet8_quarter", "components": 4}
    model = validate(clustering.Settings, {**settings, **changes}, "the step")
    (result,) = clustering.run(job(root, model, inputs={"representation": features}, conditions=CONDITION))
    return result


def test_half_of_the_images_of_known_classes_keep_their_label(root: Path) -> None:
    images = images_of(root)
    assert np.bincount(images.given).tolist() == [3] * 5
    assert np.bincount(images.hidden).tolist() == [3] * 5 + [6] * 5
    assert (images.known, images.novel, len(images.test)) == (5, 5, 20)


def test_classes_are_renumbered_alike_in_training_and_test_images(root: Path) -> None:
    images = images_of(root, seed=1)
    for label in range(10):
        colours = [
            part.images[part.labels == label].float().mean(dim=(0, 1, 2))
            for part in (images.training, images.test)
        ]
        assert torch.allclose(colours[0], colours[1], atol=6)
    first = images_of(root, split="first")
    assert not torch.equal(first.training.images, images.training.images)


def test_images_that_are_passed_over_are_in_no_other_part(root: Path) -> None:
    taken, rest = (images_of(root, split="first", first=first, images=4) for first in (0, 4))
    pictures = [{image.numpy().tobytes() for image in part.training.images} for part in (taken, rest)]
    assert not pictures[0] & pictures[1]
    assert len(pictures[0] | pictures[1]) == 80


def test_a_joint_training_repeats_bit_by_bit(root: Path, gathered: dict[str, list[Path]]) -> None:
    once, again = (learned_jointly(root, gathered) for _ in range(2))
    assert once == again
    assert once.curves is not None
    assert len(once.curves["clusters"]) == 3  # before the second and the third epoch, and after the last
    assert len(once.curves["confusion"]) == 10 * 11
    assert {"x_1", "x_3", "y_3"} <= once.curves.keys()


def test_a_killed_training_goes_on_where_it_was(
    root: Path, gathered: dict[str, list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = learned_jointly(root, gathered)
    estimate = alternation.Alternation.estimate

    def dies(self: alternation.Alternation, epoch: int) -> None:
        if epoch == 2:
            raise KeyboardInterrupt
        estimate(self, epoch)

    monkeypatch.setattr(alternation.Alternation, "estimate", dies)
    with pytest.raises(KeyboardInterrupt):
        learned_jointly(root, gathered, checkpoints=Checkpoints(tmp_path, interval=0))
    monkeypatch.setattr(alternation.Alternation, "estimate", estimate)
    checkpoints = Checkpoints(tmp_path, interval=0)
    assert learned_jointly(root, gathered, checkpoints=checkpoints) == whole
    assert checkpoints.resumed


@pytest.mark.parametrize(
    "changes",
    [
        {"e_step": "released"},
        {"mixture": {"relative_scale": 1.0, "moves": False}},
        {"mixture": {"relative_scale": 1.0, "assignment": "nearest_mean"}},
    ],
)
def test_variants_are_scored(root: Path, gathered: dict[str, list[Path]], changes: dict[str, Any]) -> None:
    result = learned_jointly(root, gathered, shown=0, **changes)
    assert result.protocol.model_dump()["classes_given"] == "estimated"
    assert 5 <= result.metrics["estimated_classes"] <= 60


def test_simgcd_knows_the_number(root: Path, gathered: dict[str, list[Path]]) -> None:
    settings = parametric.Settings.model_validate({**LEARNING, "entropy_weights": {"cifar10": 2.0}})
    (result,) = parametric.run(job(root, settings, gathered=gathered, conditions=CONDITION))
    assert result.metrics["class_count_error"] == 0
    assert result.protocol.model_dump()["classes_given"] == "known"


def test_one_cluster_has_the_share_of_the_largest_class(root: Path, features: Path) -> None:
    result = clustered(root, features, kind="one_cluster")
    assert result.metrics["accuracy"] == pytest.approx(100 * 6 / 45)
    assert result.metrics["estimated_classes"] == 1


@pytest.mark.parametrize("number", ["true", "labelled_accuracy", "silhouette", "elbow"])
def test_numbers_of_clusters_are_given_or_estimated(root: Path, features: Path, number: str) -> None:
    result = clustered(root, features, kind="semi_supervised", number=number)
    given = result.protocol.model_dump()["classes_given"]
    assert given == ("known" if number == "true" else "estimated")
    assert 5 <= result.metrics["estimated_classes"] <= 12


def test_a_mixture_of_features_starts_from_the_number_it_is_given(root: Path, features: Path) -> None:
    mixture = {"relative_scale": 3.84, "moves": False}
    result = clustered(root, features, kind="mixture", number="start", start=7, mixture=mixture)
    assert result.metrics["estimated_classes"] <= 7
    with pytest.raises(BadInputError, match="set 'start' to one of 5 to 60"):
        clustered(root, features, kind="mixture", number="start", start=4, mixture=mixture)
    with pytest.raises(BadInputError, match="a mixture needs the settings 'mixture'"):
        clustered(root, features, kind="mixture")


def simulated(**changes: Any) -> list[Result]:
    settings: dict[str, Any] = {"known": 2, "novel": 2, "points": 30, "dimension": 3, "rounds": 3}
    settings |= {"mixture": {"relative_scale": 1.0}, "initialisations": 3, "most": 8}
    conditions: list[dict[str, Any]] = [{"separation": 20, "start": start} for start in (4, 6)]
    model = simulation.Settings.model_validate({**settings, **changes})
    return list(simulation.run(job(Path(), model, conditions=conditions)))


def test_far_classes_of_a_simulation_are_found() -> None:
    for result in simulated():
        assert result.metrics["accuracy"] > 99
        assert result.metrics["class_count_error"] == 0


@pytest.mark.parametrize("kind", ["released", "labelled_accuracy", "silhouette", "elbow"])
def test_other_ways_to_the_number_are_scored_on_a_simulation(kind: str) -> None:
    assert all(result.metrics["estimated_classes"] >= 2 for result in simulated(kind=kind))


def test_simulated_classes_lie_as_far_apart_as_asked_for() -> None:
    model = simulation.Settings.model_validate(
        {
            "known": 100,
            "novel": 100,
            "points": 2,
            "dimension": 8,
            "mixture": {"relative_scale": 1.0},
            "rounds": 1,
            "initialisations": 1,
        }
    )
    points, classes, labelled = simulation.draw_points(model, 10.0, np.random.default_rng(0))
    assert labelled == 100
    means = np.stack([points[classes == label].mean(axis=0) for label in range(200)])
    squared = ((means[:, None] - means) ** 2).sum(axis=2)[np.triu_indices(200, 1)].mean()
    assert squared == pytest.approx(10**2 + 2 * 8 / 2, rel=0.1)  # and the spread of two means of two points


def test_wrong_numbers_and_missing_parts_are_refused(root: Path, gathered: dict[str, list[Path]]) -> None:
    with pytest.raises(BadInputError, match="none is left to discover"):
        images_of(root, known=10)
    with pytest.raises(BadInputError, match="lower 'first' or the number of images"):
        images_of(root, images=9)
    with pytest.raises(BadInputError, match="add it to its 'gathers'"):
        learned_jointly(root, {})
    with pytest.raises(BadInputError, match="--folder dino="):
        learned_jointly(root, gathered, network={**NETWORK, "backbone": "vit_tiny_patch16_224"})
    with pytest.raises(BadInputError, match="There is no network"):
        learned_jointly(root, gathered, network={**NETWORK, "backbone": "resnet9"})
    with pytest.raises(BadInputError, match="no 'artefact'"):
        list(representation.run(job(root, representation.Settings.model_validate(LEARNING))))


def test_features_that_diverged_are_refused(root: Path, gathered: dict[str, list[Path]]) -> None:
    settings = joint.Settings.model_validate(JOINT)
    study = open_study(job(root, settings, gathered=gathered), "cifar10")
    with torch.no_grad():
        next(study.network.parameters()).fill_(torch.nan)
    with pytest.raises(BadInputError, match="lower 'learning_rate'"):
        unit_features(study.network, study.images.training)
