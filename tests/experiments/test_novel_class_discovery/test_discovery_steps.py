"""Both stages on tiny images: what is written, repeated, resumed and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from common.checkpoints import Checkpoints
from common.strict import BadInputError, validate
from experiments.novel_class_discovery import supervised_start
from experiments.novel_class_discovery.cr_kd_ncd import discovery
from tests.experiments.test_novel_class_discovery.discovery_project import (
    DATA,
    DISCOVERY,
    START,
    TRAINING,
    discover,
    job,
    make_root,
    start,
)

DISTILLED: dict[str, Any] = {"distillation": {}}
ARMS: dict[str, dict[str, Any]] = {
    "k_means": {"objective": "k_means"},
    "auto_novel": {"objective": "auto_novel", "heads": 1},
    "ncl": {"objective": "ncl", "learning": {"queue": 30, "neighbours": 3, "hard_negatives": 4}},
    "uno": {},
    "small_crops": {"small_crops": 2, "small_side": 8, "jitter": 0.2},
    "cr_kd": DISTILLED,
    "constant": {"distillation": {"weight": "constant"}},
    "uniform": {"distillation": {"relation": "uniform"}},
    "another_image_s": {"distillation": {"relation": "another_image_s"}},
    "features": {"distillation": {"kept": "features"}},
    "logits": {"distillation": {"kept": "logits"}},
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_root(tmp_path_factory.mktemp("project"))
    start(root, root / "start.pt")
    return root


@pytest.mark.parametrize("arm", ARMS)
def test_every_arm_is_scored_in_both_ways(root: Path, arm: str) -> None:
    unlabelled, test = discover(root, root / "start.pt", **ARMS[arm])
    assert {"accuracy", "mean_accuracy_of_heads", "adjusted_rand_index"} <= unlabelled.metrics.keys()
    assert {"accuracy", "known_accuracy", "novel_accuracy"} <= test.metrics.keys()
    facts = unlabelled.protocol.model_dump()
    assert (facts["evaluated"], facts["inference"], facts["novel_head_only"]) == (
        "unlabelled",
        "transductive",
        True,
    )
    assert test.protocol.model_dump()["evaluated_rows"] == 40
    confusion = torch.tensor((test.curves or {})["confusion"]).view(10, 11)
    assert confusion.sum(dim=1).tolist() == [4.0] * 10
    right = 100 * float(confusion[:, :10].diagonal().sum()) / 40
    assert right == pytest.approx(test.metrics["accuracy"])


def test_the_relation_is_whole_at_first_and_looked_at_each_epoch(root: Path) -> None:
    unlabelled, _ = discover(root, root / "start.pt")
    curves = unlabelled.curves or {}
    assert curves["epoch"] == [0, 1, 2]
    assert curves["relation_kept"][0] == pytest.approx(100, abs=1e-3)
    assert curves["relation_agreement"][0] == 100
    assert curves["relation_divergence"][-1] == pytest.approx(unlabelled.metrics["relation_divergence"])
    assert curves["unlabelled_accuracy"][-1] == unlabelled.metrics["accuracy"]
    assert len(curves["latent_class"]) == 20
    for moment in ("start", "middle", "end"):
        assert len(curves[f"latent_{moment}"]) == 40


def test_only_the_first_seed_draws_its_latent_space(root: Path, tmp_path: Path) -> None:
    start(root, tmp_path / "one.pt", seed=1)
    unlabelled, _ = discover(root, tmp_path / "one.pt", seed=1)
    assert "latent_class" not in (unlabelled.curves or {})


def test_a_run_repeats_bit_by_bit(root: Path, tmp_path: Path) -> None:
    start(root, tmp_path / "again.pt")
    assert (tmp_path / "again.pt").read_bytes() == (root / "start.pt").read_bytes()
    one = discover(root, root / "start.pt", **DISTILLED)
    again = discover(root, root / "start.pt", **DISTILLED)
    assert [result.metrics for result in one] == [result.metrics for result in again]
    assert one[0].curves == again[0].curves


def test_without_strength_nothing_is_distilled(root: Path) -> None:
    plain = discover(root, root / "start.pt")
    nothing = discover(root, root / "start.pt", distillation={"strength": 0.0})
    assert [result.metrics for result in plain] == [result.metrics for result in nothing]


def test_distillation_keeps_the_relation(root: Path) -> None:
    training = {**TRAINING, "epochs": 3}
    plain, _ = discover(root, root / "start.pt", training=training)
    kept, _ = discover(root, root / "start.pt", training=training, distillation={"strength": 1.0})
    assert kept.metrics["relation_divergence"] < plain.metrics["relation_divergence"]


class KilledError(Exception):
    """Stands for the end of a process."""


@pytest.mark.parametrize("arm", ["cr_kd", "ncl"])
def test_a_killed_discovery_goes_on_where_it_was(
    root: Path, tmp_path: Path, arm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = {**TRAINING, "epochs": 4}
    whole = discover(root, root / "start.pt", **ARMS[arm], training=training)
    from experiments.novel_class_discovery.cr_kd_ncd.watch import Watch

    look = Watch.look

    def die(watch: Watch, epoch: int) -> None:
        if epoch == 3:
            raise KilledError
        look(watch, epoch)

    with monkeypatch.context() as patched:
        patched.setattr(Watch, "look", die)
        with pytest.raises(KilledError):
            discover(
                root,
                root / "start.pt",
                **ARMS[arm],
                training=training,
                checkpoints=Checkpoints(tmp_path, 0.0),
            )
    going_on = Checkpoints(tmp_path, 0.0)
    resumed = discover(root, root / "start.pt", **ARMS[arm], training=training, checkpoints=going_on)
    assert going_on.resumed
    assert [result.metrics for result in resumed] == [result.metrics for result in whole]
    assert resumed[0].curves == whole[0].curves


def test_more_novel_classes_may_be_assumed_than_there_are(root: Path) -> None:
    unlabelled, _ = discover(root, root / "start.pt", assumed=8)
    assert unlabelled.protocol.model_dump()["classes_given"] == "estimated"


def test_stage_one_says_how_well_it_knows_its_classes(root: Path, tmp_path: Path) -> None:
    result = start(root, tmp_path / "start.pt", training={**TRAINING, "epochs": 12})
    assert result.metrics["known_accuracy"] > 50
    assert result.protocol.model_dump()["evaluated_rows"] == 20


def test_stages_that_do_not_fit_are_refused(root: Path) -> None:
    with pytest.raises(
        BadInputError, match="classifier of 5 classes that doesn't fit a resnet8_quarter with 4"
    ):
        discover(root, root / "start.pt", data={**DATA, "known": 4})
    with pytest.raises(BadInputError, match="There is no network 'resnet9'"):
        discover(root, root / "start.pt", backbone="resnet9")


def test_steps_that_are_wired_wrongly_are_refused(root: Path) -> None:
    settings = discovery.Settings.model_validate(DISCOVERY)
    with pytest.raises(BadInputError, match="starts from one classifier"):
        list(discovery.run(job(root, settings)))
    inputs = {"supervised": root / "start.pt"}
    brief = discovery.Settings.model_validate({**DISCOVERY, "objective": "k_means"})
    with pytest.raises(BadInputError, match="Nothing is called 'all' here"):
        list(discovery.run(job(root, brief, inputs=inputs, conditions=[{"evaluated": "all"}])))
    with pytest.raises(BadInputError, match="has no 'artefact' to keep its classifier in"):
        list(supervised_start.run(job(root, supervised_start.Settings.model_validate(START))))


def test_a_diverged_training_is_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match="lower its"):
        discover(root, root / "start.pt", objective="auto_novel", training_rate=1e30)


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(BadInputError, match="Input should be 'uno', 'auto_novel', 'ncl' or 'k_means'"):
        validate(discovery.Settings, {**DISCOVERY, "objective": "unno"}, "here")


def test_a_batch_of_one_is_refused() -> None:
    with pytest.raises(BadInputError, match="batch_size"):
        validate(discovery.Settings, {**DISCOVERY, "training": {**TRAINING, "batch_size": 1}}, "here")
