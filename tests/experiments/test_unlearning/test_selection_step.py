"""Step `forget_sets` on a small trained network: what each kind is, its record, and the artefact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from common.data.prepare import write_prepared
from common.runs.job import Job, Result
from common.strict import BadInputError, validate
from common.training.descent import Descent
from common.training.seeding import generator
from common.training.settings import DescentSettings
from experiments.unlearning import forget_sets
from experiments.unlearning.challenging_forgets import candidates as candidates_module
from experiments.unlearning.challenging_forgets.bilevel import Selection, select
from experiments.unlearning.challenging_forgets.kinds import CLASS_KINDS, IMAGE_KINDS
from experiments.unlearning.challenging_forgets.selection import Settings, run
from experiments.unlearning.difficulty import scores
from experiments.unlearning.forget_sets import ForgetSets
from experiments.unlearning.settings import DataSettings
from experiments.unlearning.splits import load_splits
from experiments.unlearning.trained_model import TrainedModel, fresh_network, state_of

CLASSES, RATIO = 4, 0.1
DATA = {"dataset": "stripes", "network": "resnet8_quarter", "classes": CLASSES, "validation_share": 0.1}
BILEVEL = {
    "upper_iterations": 2,
    "upper_step": 0.01,
    "lower_epochs": 1,
    "lower_step": 0.0003,
    "ridge": 0.0001,
    "batch_size": 50,
}
SEARCH_FACTS = {*BILEVEL, "start", "precision"}
CPU = torch.device("cpu")

Jobs = Callable[..., Job[Settings]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 noisy images, stripes of a width for each class, and a network trained on them."""
    folder = tmp_path_factory.mktemp("selection")
    write_prepared("stripes", [*_stripes("train", 200), *_stripes("test", 40)], folder, {})
    settings = DataSettings.model_validate(DATA)
    splits = load_splits(settings, folder, CPU)
    network = fresh_network(settings, 1, 0, CPU)
    descent = DescentSettings(epochs=2, batch_size=30)
    Descent(network, descent, 0.1).run(splits.train, generator(0, "original"))
    early = state_of(network)
    Descent(network, descent, 0.1).run(splits.train, generator(1, "original"))
    TrainedModel("resnet8_quarter", network.eval(), early, torch.ones(2, 180).bool()).save(
        folder / "original.pt"
    )
    return folder


@pytest.fixture
def jobs(root: Path, tmp_path: Path) -> Jobs:
    """Builds a job of the step."""

    def build(*kinds: str, ratio: float = RATIO, class_wise: bool = False, **bilevel: Any) -> Job[Settings]:
        parts = {"data": DATA, "bilevel": {**BILEVEL, **bilevel}, "class_wise": class_wise}
        return Job(
            track="unlearning",
            paper="toy_paper",
            scale="smoke",
            step="forget_sets",
            method="selection",
            seed=0,
            settings=validate(Settings, parts, "settings"),
            conditions=[{"forget_set": kind, "ratio": ratio} for kind in kinds],
            root=root,
            inputs={"original": root / "original.pt"},
            artefact=tmp_path / "forget_sets.npz",
        )

    return build


@pytest.fixture
def labels(root: Path) -> Tensor:
    return load_splits(DataSettings.model_validate(DATA), root, CPU).train.labels


def _stripes(split: str, count: int) -> list[tuple[str, np.ndarray]]:
    chance, labels = np.random.default_rng(count), np.arange(count, dtype=np.int64) % CLASSES
    striped = np.arange(16)[None, None, :] // (labels[:, None, None] + 1) % 2
    images = np.clip(90 + 70 * striped + chance.normal(0, 120, (count, 16, 16)), 0, 255).astype(np.uint8)
    return [(f"{split}_images", images), (f"{split}_labels", labels)]


def outcome(job: Job[Settings]) -> tuple[list[Result], ForgetSets]:
    results = list(run(job))
    assert job.artefact is not None
    return results, ForgetSets.load(job.artefact)


def test_every_kind_of_image_sets(jobs: Jobs, labels: Tensor) -> None:
    results, sets = outcome(jobs(*IMAGE_KINDS))
    assert [result.condition["forget_set"] for result in results] == list(IMAGE_KINDS)
    chosen = {kind: torch.from_numpy(sets.places(kind, RATIO)) for kind in IMAGE_KINDS}
    for kind, result in zip(IMAGE_KINDS, results, strict=True):
        assert len(chosen[kind]) == 18
        forget_sets.check(chosen[kind], labels, whole_classes_allowed=False)
        assert result.metrics["overlap_with_random"] == forget_sets.overlap(chosen[kind], chosen["random"])
        lowest = forget_sets.overlap(chosen[kind], chosen["lowest_loss"])
        assert result.metrics["overlap_with_lowest_loss"] == lowest
        share = 100 * labels[chosen[kind]].bincount().max().item() / 18
        assert result.metrics["largest_class_share"] == pytest.approx(share)
    assert forget_sets.overlap(chosen["tuning"], chosen["random"]) == 0
    assert sorted(labels[chosen["class_balanced"]].bincount().tolist()) == [4, 4, 5, 5]
    assert torch.equal(chosen["binary_start"], chosen["random"])
    assert not torch.equal(chosen["binary_start_large"], chosen["random"])


def test_scores_are_measured_on_the_network_they_belong_to(jobs: Jobs, root: Path) -> None:
    results, sets = outcome(jobs("lowest_loss", "lowest_el2n", "lowest_grand", "moderate"))
    settings = DataSettings.model_validate(DATA)
    train = load_splits(settings, root, CPU).train
    model = TrainedModel.load(root / "original.pt", settings, 1, CPU)
    early = model.early_network()
    loss = scores.cross_entropy_loss(model.network, train)
    expected = {
        "lowest_loss": loss.argsort()[:18],
        "lowest_el2n": scores.el2n(early, train).argsort()[:18],
        "lowest_grand": scores.grand(early, train).argsort()[:18],
        "moderate": scores.moderate(model.network, train).argsort()[-18:],
    }
    for result, (kind, places) in zip(results, expected.items(), strict=True):
        assert sets.places(kind, RATIO).tolist() == sorted(places.tolist())
        assert result.metrics["mean_loss"] == pytest.approx(float(loss[places].mean()))


def test_kinds_of_one_search_share_it_and_its_weights_are_kept(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches = []

    def counted(*given: Any) -> Selection:
        searches.append(given)
        return select(*given)

    monkeypatch.setattr(candidates_module, "select", counted)
    results, sets = outcome(jobs("worst", "easiest", "class_balanced"))
    assert len(searches) == 1
    weights = torch.from_numpy(sets.difficulty(RATIO))
    assert sets.places("worst", RATIO).tolist() == forget_sets.highest(weights, 18).tolist()
    assert sets.places("easiest", RATIO).tolist() == forget_sets.lowest(weights, 18).tolist()
    worst, easiest, _ = results
    assert worst.metrics["mean_loss"] < easiest.metrics["mean_loss"]
    assert worst.curves is not None
    assert set(worst.curves) == {"chosen_loss", "retain_accuracy", "overlap_with_random"}
    assert all(len(curve) == BILEVEL["upper_iterations"] for curve in worst.curves.values())
    assert worst.metrics["retain_accuracy"] == min(worst.curves["retain_accuracy"])


def test_facts_name_the_search_where_there_was_one(jobs: Jobs) -> None:
    results, _ = outcome(jobs("random", "worst", "binary_start", "binary_start_large"))
    random, *searched = [result.protocol.model_dump() for result in results]
    assert {name for name, value in random.items() if value is None} == SEARCH_FACTS
    for facts, start, step in zip(searched, ("uniform", "binary", "binary"), (0.01, 0.001, 100), strict=True):
        assert {name: facts[name] for name in BILEVEL} == {**BILEVEL, "upper_step": step}
        assert facts["start"] == start
        assert (facts["forgotten"], facts["ratio"], facts["training_images"]) == ("images", RATIO, 180)
    assert results[0].curves is None


def test_a_step_so_large_that_weights_meet_a_bound_is_noticed(jobs: Jobs) -> None:
    for step, left_open in ((1e-5, False), (1e4, True)):
        (easiest,), _ = outcome(jobs("easiest", upper_step=step))
        assert (easiest.metrics["decided_by_order"] > 0) == left_open


def test_a_job_repeats_byte_by_byte(jobs: Jobs, tmp_path: Path) -> None:
    job = jobs("random", "worst", "lowest_grand")
    again = replace(job, artefact=tmp_path / "again.npz")
    assert list(run(job)) == list(run(again))
    assert job.artefact is not None
    assert job.artefact.read_bytes() == (tmp_path / "again.npz").read_bytes()


def test_whole_classes(jobs: Jobs, labels: Tensor) -> None:
    results, sets = outcome(jobs(*CLASS_KINDS, ratio=0.5, class_wise=True))
    forgotten = {kind: labels[torch.from_numpy(sets.places(kind, 0.5))] for kind in CLASS_KINDS}
    for result, found in zip(results, forgotten.values(), strict=True):
        assert len(found.unique()) == 2
        assert len(found) == 2 * 45
        assert result.protocol.model_dump()["forgotten"] == "classes"
    assert not set(forgotten["worst_class"].tolist()) & set(forgotten["easiest_class"].tolist())
    random, _, worst, easiest = results
    assert random.metrics["overlap_with_random"] == 100
    assert worst.metrics["mean_loss"] < easiest.metrics["mean_loss"]
    assert len(sets.difficulty(0.5)) == 180
    assert len(np.unique(sets.difficulty(0.5))) == CLASSES


@pytest.mark.parametrize(
    ("kinds", "changes", "message"),
    [
        (("wosrt",), {}, "no kind 'wosrt'. Did you mean 'worst'"),
        (("worst",), {"class_wise": True}, "'worst' needs 'class_wise: false'"),
        (("worst_class",), {}, "'worst_class' needs 'class_wise: true'"),
        (("random",), {"ratio": 1.0}, "'ratio' is 1.0: Input should be less than 1"),
        (("random",), {"ratio": 0.0}, "'ratio' is 0.0: Input should be greater than 0"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(
    jobs: Jobs, kinds: tuple[str, ...], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInputError) as error:
        list(run(jobs(*kinds, **changes)))
    assert message in str(error.value)


def test_what_the_configuration_lacks_is_named(jobs: Jobs) -> None:
    with pytest.raises(BadInputError, match=r"name it forget_sets\.npz"):
        list(run(replace(jobs("random"), artefact=None)))
    with pytest.raises(BadInputError, match="add 'original' to its 'needs'"):
        list(run(replace(jobs("random"), inputs={})))
    with pytest.raises(
        BadInputError, match=r"unknown key 'bilevel\.lower_steps'\. Did you mean 'lower_step'"
    ):
        jobs("random", lower_steps=3)


def test_a_set_that_would_take_a_whole_class_is_refused(jobs: Jobs) -> None:
    with pytest.raises(BadInputError, match=r"all 45 images of class \d"):
        list(run(jobs("random", ratio=0.98)))
