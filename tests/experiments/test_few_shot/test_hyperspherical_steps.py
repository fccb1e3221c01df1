"""The steps of hyperspherical_embedding: class splits, repetition, resumption, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from common.checkpoints import Checkpoints
from common.data.arrays import load
from common.data.prepare import write_prepared
from common.runs.job import Result
from common.strict import BadInputError
from common.training.seeding import generator
from experiments.few_shot.hyperspherical_embedding import novel_classes, training_time, tutorial
from experiments.few_shot.hyperspherical_embedding.class_split import read_images, split_classes
from experiments.few_shot.hyperspherical_embedding.examination import fresh_learner, random_split
from experiments.few_shot.hyperspherical_embedding.settings import (
    ImageSettings,
    LearningSettings,
    NetworkSettings,
    ObjectiveSettings,
)
from tests.experiments.test_few_shot.project import job, make_root, squares

CPU = torch.device("cpu")
LEARNING = {"epochs": 2, "batch_size": 20, "learning_rate": 0.01}
SETTINGS: dict[str, Any] = {
    "data": {"dataset": "cifar10"},
    "network": {"widths": [4, 4, 8], "dimension": 8},
    "objective": {"name": "normalised_softmax"},
    "learning": LEARNING,
    "draws": 3,
}
CONDITION = {"old": 5, "samples": 2, "rule": "columns"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_root(tmp_path_factory.mktemp("project"))


def run(
    root: Path, conditions: list[dict[str, Any]] | None = None, seed: int = 0, **changes: Any
) -> list[Result]:
    settings = novel_classes.Settings.model_validate({**SETTINGS, **changes})
    return list(novel_classes.run(job(root, settings, conditions or [CONDITION], seed=seed)))


def test_old_and_new_images_are_apart_and_cover_all(root: Path) -> None:
    images = read_images(ImageSettings(dataset="cifar10"), root, {})
    five, eight = (random_split(images, old, 0, CPU) for old in (5, 8))
    assert (len(five.old), len(five.new), len(five.old_test), len(five.new_test)) == (40, 40, 30, 30)
    assert five.new.labels.unique().tolist() == [0, 1, 2, 3, 4]
    kept = {image.tobytes() for image in five.old.images.numpy()}
    assert kept < {image.tobytes() for image in eight.old.images.numpy()}
    assert not kept & {image.tobytes() for image in five.new.images.numpy()}


def test_settings_are_chosen_on_training_images_that_nothing_is_trained_on(root: Path) -> None:
    settings = ImageSettings(dataset="cifar10", images=5, test_images=2, judged="validation")
    images = read_images(settings, root, {})
    trained, judged = ({image.tobytes() for image in part[0]} for part in (images.learned, images.judged))
    all_training = {image.tobytes() for image in load("cifar10", root)["train_images"]}
    assert len(judged) == 20
    assert judged <= all_training - trained
    with pytest.raises(BadInputError, match="give 'images' a number"):
        read_images(ImageSettings(dataset="cifar10", judged="validation"), root, {})


def test_a_class_can_not_be_old_and_new(root: Path) -> None:
    images = read_images(ImageSettings(dataset="cifar10"), root, {})
    with pytest.raises(BadInputError, match=r"Classes \[2\] are old and new at once"):
        split_classes(images, [1, 2], [2, 3], CPU)


def test_more_old_classes_than_there_are_are_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match="There are no novel classes"):
        run(root, [{**CONDITION, "old": 10}])


def test_a_point_says_what_it_measured(root: Path) -> None:
    few, every = run(root, [CONDITION, {**CONDITION, "samples": "all", "rule": "cosine"}])
    facts = few.protocol.model_dump()
    assert (facts["objective"], facts["scale"], facts["rule"]) == ("normalised_softmax", 10.0, "columns")
    assert (facts["old_classes"], facts["new_classes"], facts["training_images"]) == (5, 5, 40)
    assert (facts["samples"], facts["draws"]) == ("2", 3)
    assert (every.protocol.model_dump()["samples"], every.protocol.model_dump()["draws"]) == ("all", 1)
    assert few.timings.keys() == {"training"}
    assert few.curves is not None
    assert len(few.curves["training_loss"]) == 2


def test_a_second_run_is_the_same_bit_by_bit(root: Path) -> None:
    for objective in ("normalised_softmax", "triplet", "siamese"):
        rule = "columns" if objective == "normalised_softmax" else "cosine"
        points = [{**CONDITION, "rule": rule}]
        one, again = (run(root, points, objective={"name": objective})[0] for _ in range(2))
        assert (one.metrics, one.curves) == (again.metrics, again.curves)
    assert run(root, seed=1)[0].metrics != run(root)[0].metrics


@pytest.mark.parametrize("objective", ["normalised_softmax", "triplet"])
def test_a_killed_training_goes_on_to_the_same_end(root: Path, tmp_path: Path, objective: str) -> None:
    images = random_split(read_images(ImageSettings(dataset="cifar10"), root, {}), 5, 0, CPU).old
    network = NetworkSettings(widths=(4, 4, 8), dimension=8)
    chosen = ObjectiveSettings.model_validate({"name": objective})

    def trained(epochs: int, folder: Path | None) -> tuple[list[float], Tensor]:
        learning = LearningSettings.model_validate({**LEARNING, "epochs": epochs})
        learner = fresh_learner(images, network, chosen, learning, 0)
        progress = Checkpoints(folder, interval=0.0).progress("training")
        losses = learner.run(images, generator(0, "batches"), progress)
        return losses, learner.network.state_dict()["embed.weight"]

    begun, _ = trained(1, tmp_path)
    resumed, weight = trained(3, tmp_path)
    undisturbed, expected = trained(3, None)
    assert begun == undisturbed[:1]
    assert resumed == undisturbed
    assert torch.equal(weight, expected)


def test_scales_are_trained_apart(root: Path) -> None:
    points = [{**CONDITION, "scale": scale} for scale in (1, 10)]
    one, ten = run(root, points, objective={"name": "normalised_softmax", "scale": 3.0})
    assert [result.protocol.model_dump()["scale"] for result in (one, ten)] == [1.0, 10.0]
    assert ten.metrics == run(root)[0].metrics
    assert one.metrics != ten.metrics
    with pytest.raises(BadInputError, match="nothing is trained; take it out"):
        run(root, points, objective=None, learning=None)


def test_an_untrained_network_has_no_columns(root: Path) -> None:
    untrained: dict[str, Any] = {"objective": None, "learning": None}
    (result,) = run(root, [{**CONDITION, "rule": "euclidean"}], **untrained)
    assert result.protocol.model_dump()["objective"] == "none"
    assert result.curves is None
    with pytest.raises(BadInputError, match="needs an objective with a column for each class"):
        run(root, **untrained)


def test_the_upper_bound_has_seen_new_classes(root: Path) -> None:
    (result,) = run(root, [{**CONDITION, "rule": "cosine"}], trained_on="all")
    facts = result.protocol.model_dump()
    assert (facts["trained_on"], facts["training_images"]) == ("all", 80)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"learning": {**LEARNING, "learning_rate": 1e30}}, "lower 'learning_rate'"),
        ({"data": {"dataset": "cifar10", "source": "folder"}}, "name it with --folder cifar10=<path>"),
        ({"data": {"dataset": "cifar10", "images": 1}}, "2 samples of a class are asked for, but one has 1"),
    ],
)
def test_what_can_not_be_run_is_said(root: Path, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        run(root, **changes)


def test_an_objective_needs_a_way_to_learn() -> None:
    with pytest.raises(ValueError, match="give 'objective' and 'learning', or make both null"):
        novel_classes.Settings.model_validate({**SETTINGS, "learning": None})


def test_an_unknown_rule_is_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match="'rule' is 'cosinus'"):
        run(root, [{**CONDITION, "rule": "cosinus"}])


def test_the_tutorial_adds_two_digits(tmp_path: Path) -> None:
    arrays: list[tuple[str, np.ndarray]] = []
    for split, count in (("train", 80), ("test", 40)):
        images, labels = squares(count, count)
        arrays += [(f"{split}_images", images[..., 0]), (f"{split}_labels", labels)]
    write_prepared("mnist", arrays, tmp_path, {})
    settings = tutorial.Settings.model_validate(
        {
            "data": {"dataset": "mnist"},
            "dimension": 6,
            "objective": {"name": "normalised_softmax"},
            "learning": LEARNING,
            "draws": 2,
        }
    )
    one, every = tutorial.run(job(tmp_path, settings, [{"samples": 1}, {"samples": "all"}]))
    assert one.metrics["old_accuracy"] == every.metrics["old_accuracy"]
    mean_recall = (every.metrics["recall_8"] + every.metrics["recall_9"]) / 2
    assert mean_recall == pytest.approx(every.metrics["joint_new"])
    facts = every.protocol.model_dump()
    assert (facts["network"], facts["split"], facts["old_classes"]) == ("linear_6", "tutorial", 8)


def test_times_are_a_cost_and_no_metric(root: Path) -> None:
    names = ["normalised_softmax", "triplet", "siamese"]
    settings = training_time.Settings.model_validate(
        {
            "data": {"dataset": "cifar10"},
            "network": SETTINGS["network"],
            "learning": LEARNING,
            "old": 5,
            "steps": 2,
            "rounds": 2,
        }
    )
    results = list(training_time.run(job(root, settings, [{"objective": name} for name in names])))
    assert [result.protocol.model_dump()["objective"] for result in results] == names
    assert all(result.metrics == {"examples": 80.0} for result in results)
    assert all(result.timings["training_processor"] > 0 for result in results)
