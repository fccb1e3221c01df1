"""The paper's steps on coloured squares: what they yield, leave, repeat and refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.checkpoints import Checkpoints
from common.runs.job import Result
from common.strict import BadInputError
from experiments.novel_class_discovery.osr_closed_set import correlation, open_set, pooled
from experiments.novel_class_discovery.osr_closed_set.learning_rates import Clock
from experiments.novel_class_discovery.osr_closed_set.linear_relation import bootstrap_pearson, relation
from tests.experiments.test_few_shot.project import job, make_root

RECIPE = {"network": "resnet8_quarter", "epochs": 2, "batch_size": 12, "learning_rate": 0.1}
DATA = {"dataset": "cifar10", "split": "published", "images": 6, "validation_images": 2, "side": 8}
NETWORKS = {"plain": RECIPE, "untrained": {**RECIPE, "epochs": 0}}
SCORES = ["msp", "mls"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_root(tmp_path_factory.mktemp("squares"))


def settings(objective: str = "cross_entropy", **changes: Any) -> open_set.Settings:
    content = {"data": DATA, "objective": objective, "networks": NETWORKS, **changes}
    return open_set.Settings.model_validate(content)


def conditions(*networks: str, **more: str) -> list[dict[str, Any]]:
    return [{"network": network, "score": score, **more} for network in networks for score in SCORES]


def run(root: Path, chosen: open_set.Settings, cells: list[dict[str, Any]], **changes: Any) -> list[Result]:
    return list(open_set.run(job(root, chosen, cells, **changes)))


def test_each_cell_says_what_it_was_measured_on(root: Path, tmp_path: Path) -> None:
    artefact = tmp_path / "networks.json"
    chosen = settings(histograms=["plain"])
    plain, logits, *untrained = run(root, chosen, conditions("plain", "untrained"), artefact=artefact)
    facts = plain.protocol.model_dump()
    assert (facts["known"], facts["unknown"]) == ("0 6 4 9 1 7", "2 3 5 8")
    assert (facts["training_images"], facts["known_test_images"], facts["unknown_test_images"]) == (
        36,
        36,
        24,
    )
    assert untrained[0].protocol.model_dump()["objective"] == "none"
    assert plain.metrics["gain_over_msp"] == 0
    assert logits.metrics["gain_over_msp"] == logits.metrics["auroc"] - plain.metrics["auroc"]
    assert logits.curves is not None
    assert sum(logits.curves["known_share"]) == pytest.approx(1)
    assert len(logits.curves["bin_edges"]) == len(logits.curves["known_share"]) + 1
    assert untrained[0].curves is None
    assert json.loads(artefact.read_text())["cells"][0]["auroc"] == plain.metrics["auroc"]


@pytest.mark.parametrize("objective", ["cross_entropy", "arpl"])
def test_a_run_repeats_bit_by_bit_whatever_else_was_trained(root: Path, objective: str) -> None:
    network = {**RECIPE, "augmentation": "rand_augment", "magnitude": 9, "margin": 1, "schedule": "cosine"}
    networks = {"plain": network, "untrained": NETWORKS["untrained"]}
    alone = run(root, settings(objective, networks=networks), conditions("plain"))
    after = run(root, settings(objective, networks=networks), conditions("untrained", "plain"))
    assert [result.metrics for result in alone] == [result.metrics for result in after[2:]]
    assert after[0].metrics != after[2].metrics


def test_seeds_are_splits(root: Path) -> None:
    first, second, third = (
        run(root, settings(), conditions("untrained"), seed=seed)[0].protocol.model_dump()
        for seed in (0, 1, 2)
    )
    assert second["known"] == "7 6 4 9 0 1"
    assert first["unknown"] == second["unknown"]  # published so
    assert third["unknown"] != second["unknown"]


class KilledError(Exception):
    """What ends a training in a test."""


def test_a_killed_training_goes_on_to_the_same_numbers(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = {**RECIPE, "epochs": 3, "augmentation": "rand_augment", "magnitude": 9, "schedule": "cosine"}
    chosen, cells = settings(networks={"plain": network}), conditions("plain")
    whole = run(root, chosen, cells)
    begin, begun = Clock.begin, []

    def dying(clock: Clock, epoch: int) -> None:
        begun.append(epoch)
        if begun == [0, 1]:
            raise KilledError
        begin(clock, epoch)

    monkeypatch.setattr(Clock, "begin", dying)
    with pytest.raises(KilledError):
        run(root, chosen, cells, checkpoints=Checkpoints(tmp_path, interval=0))
    checkpoints = Checkpoints(tmp_path, interval=0)
    resumed = run(root, chosen, cells, checkpoints=checkpoints)
    assert checkpoints.resumed
    assert begun == [0, 1, 0, 1, 2]  # the first epoch's images are drawn again, and not trained on
    assert [each.metrics for each in resumed] == [each.metrics for each in whole]


def test_groups_of_unknown_classes_are_judged_apart(root: Path) -> None:
    data = {**DATA, "split": "given", "known": [0, 1, 2], "unknown": {"near": [3], "far": [4, 5]}}
    near, _, far, _ = run(
        root,
        settings(data=data),
        conditions("untrained", unknown="near") + conditions("untrained", unknown="far"),
    )
    assert (near.protocol.model_dump()["unknown"], far.protocol.model_dump()["unknown"]) == ("3", "4 5")
    assert far.protocol.model_dump()["unknown_test_images"] == 12
    assert near.metrics["closed_accuracy"] == far.metrics["closed_accuracy"]
    with pytest.raises(BadInputError, match="no group 'nigh' of unknown classes"):
        run(root, settings(data=data), conditions("untrained", unknown="nigh"))


def test_more_images_than_there_are_is_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"Class 0 of cifar10 has 8 image\(s\) where 9 are asked for"):
        run(root, settings(data={**DATA, "images": 9}), conditions("untrained"))
    with pytest.raises(BadInputError, match=r"Class 0 of cifar10 has 1 image\(s\) where 2 .* number 7 on"):
        run(root, settings(data={**DATA, "images": 7}), conditions("untrained"))


def test_a_network_that_is_not_there_is_told(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"has no network 'plane'. Did you mean 'plain'"):
        run(root, settings(), conditions("plane"))


def test_a_training_that_diverges_is_told(root: Path) -> None:
    wild = {"plain": {**RECIPE, "learning_rate": 1e30}}
    with pytest.raises(BadInputError, match=r"logits are not finite.*lower its 'learning_rate'"):
        run(root, settings(networks=wild), conditions("plain"))


def artefact(points: np.ndarray, score: str = "mls") -> str:
    cells = [
        {"network": f"n{place}", "score": score, "closed_accuracy": x, "auroc": y}
        for place, (x, y) in enumerate(points)
    ]
    return json.dumps({"dataset": "toy", "cells": cells})


LINE = np.array([[50.0, 60.0], [60.0, 65.0], [70.0, 70.0], [80.0, 75.0]])
NAMES = ["n0", "n1", "n2", "n3"]


def test_correlation_over_the_networks_of_a_split(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(artefact(LINE))
    chosen = correlation.Settings(networks=NAMES, best=3)
    attempt = job(tmp_path, chosen, [{"score": "mls"}], inputs={"toy": tmp_path / "a.json"})
    (result,) = correlation.run(attempt)
    assert result.metrics == pytest.approx(
        {"pearson": 1.0, "spearman": 1.0, "slope": 0.5, "pearson_of_best": 1.0}
    )
    missing = job(tmp_path, chosen, [{"score": "msp"}], inputs={"toy": tmp_path / "a.json"})
    with pytest.raises(BadInputError, match="without 'n0' under the score 'msp'"):
        list(correlation.run(missing))


def test_pooling_tells_networks_from_splits(tmp_path: Path) -> None:
    """Two splits, of which the easier has the lower AUROC: within each, more accuracy is more AUROC."""
    noise = np.array([[0.0, 1.0], [0.0, -1.0], [0.0, 1.0], [0.0, -1.0]])
    paths = []
    for place, split in enumerate((LINE + noise, LINE + noise + [20.0, -30.0])):
        paths.append(tmp_path / f"{place}.json")
        paths[-1].write_text(artefact(split))
    chosen = correlation.Settings(networks=NAMES, best=3)
    kinds: list[dict[str, Any]] = [{"score": "mls", "points": kind} for kind in ("all", "within", "best")]
    everything, within, best = pooled.run(job(tmp_path, chosen, kinds, gathered={"toy": paths}))
    assert everything.metrics["pearson"] < 0 < within.metrics["pearson"]
    assert within.metrics["pearson_low"] < within.metrics["pearson"] < within.metrics["pearson_high"]
    assert (within.protocol.model_dump()["networks"], best.protocol.model_dump()["networks"]) == (8, 6)


def test_relations_by_hand() -> None:
    found = relation(np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]]))
    assert found == pytest.approx({"slope": 0.5, "pearson": 0.5, "spearman": 0.5})
    with pytest.raises(BadInputError, match="2 networks make no correlation"):
        relation(LINE[:2])
    with pytest.raises(BadInputError, match="the same accuracy or AUROC"):
        relation(np.array([[1.0, 0.0], [1.0, 2.0], [1.0, 1.0]]))


def test_the_bootstrap_covers_the_correlation() -> None:
    draws = np.random.default_rng(3)
    first = draws.normal(size=60)
    points = np.stack([first, first + draws.normal(size=60)], axis=1)
    low, high = bootstrap_pearson(points, np.random.default_rng(0))
    assert 0.4 < low < 2**-0.5 < high < 0.9
    assert (low, high) == bootstrap_pearson(points, np.random.default_rng(0))
