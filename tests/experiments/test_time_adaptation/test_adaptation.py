"""Step adaptation end to end: records, curves, protocol facts, and sentences for what can't be run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.records.store import curves_path
from common.strict import BadInputError
from tests.experiments.test_time_adaptation.project import Project, changed, configuration

TEST_CONDITIONS = [
    {"split": "test", "corruption": corruption, "severity": 5} for corruption in ("fog", "snow")
]
TRIALS = [
    {"split": "development", "corruption": "speckle_noise", "severity": 5, "learning_rate": rate}
    for rate in (0.1, 1.0)
]


@pytest.mark.parametrize("method", ["source", "bn_adapt"])
def test_a_method_that_learns_nothing_has_test_records_alone(trained: Project, method: str) -> None:
    records = trained.run("adaptation", method)
    assert [record.condition for record in records] == TEST_CONDITIONS
    for record in records:
        assert record.protocol == {
            "dataset": "CIFAR-10-C",
            "corrupted_images": "regenerated",
            "images": 24,
            "resolution": 32,
            "severities": "5",
            "network": "resnet8_half",
            "weights": "trained_here",
            "mode": "offline",
            "reset": "every_corruption_and_severity",
            "batch_size": 12,
            "statistics": "source" if method == "source" else "test_batch",
            "adapted": "nothing",
            "prediction": "after_adaptation",
            "settings_chosen_on": "nothing_to_choose",
            "deterministic": False,
        }
        assert record.metrics["epochs"] == 0
        assert record.curves is None


@pytest.mark.parametrize("method", ["ent", "rpl"])
def test_a_method_that_learns_chooses_on_the_development_conditions(trained: Project, method: str) -> None:
    records = trained.run("adaptation", method)
    assert [record.condition for record in records] == TRIALS + TEST_CONDITIONS
    spec = trained.job("adaptation", method)
    curves = {}
    for path, record in zip(spec.records[:2], records[:2], strict=True):
        errors = json.loads((trained.root / curves_path(path)).read_text())["error_percent"]
        assert len(errors) == 3
        assert record.metrics["error_percent"] == errors[-1]
        assert record.metrics["learning_rate"] == record.condition["learning_rate"]
        assert record.protocol["images"] == 12
        curves[record.metrics["learning_rate"]] = errors
    best = min((errors[epoch], rate, epoch) for rate, errors in curves.items() for epoch in (1, 2))
    for record in records[2:]:
        assert (record.metrics["learning_rate"], record.metrics["epochs"]) == best[1:]
        assert record.protocol["settings_chosen_on"] == "development_corruptions"
        assert record.protocol["adapted"] == "affine"
        assert record.protocol["images"] == 24
        assert record.curves is None
    assert not [name for name in trained.files() if name.endswith(".part")]


def test_a_method_whose_settings_are_published_needs_no_development(trained: Project) -> None:
    steps = changed(
        "adaptation",
        conditions=[{"split": ["test"], "corruption": ["fog"], "severity": [5]}],
        only={},
        methods={"ent": {"epochs": 1, "learning_rate": 0.25}},
        settings={"relative_to": {"fog": 0.8}},
    )
    (record,) = Project(trained.root, configuration(steps)).run("adaptation", "ent")
    assert record.metrics["learning_rate"] == 0.25
    assert record.metrics["relative_error_percent"] == record.metrics["error_percent"] / 0.8
    assert record.protocol["settings_chosen_on"] == "published"


def test_a_run_repeats_bit_by_bit_and_seeds_differ(trained: Project) -> None:
    first = [record.identity() for record in trained.run("adaptation", "rpl", 0)]
    assert [record.identity() for record in trained.run("adaptation", "rpl", 0)] == first
    other = trained.run("adaptation", "rpl", 1)
    assert set(first).isdisjoint(record.identity() for record in other)
    assert len(set(first)) == len(first)


def test_the_record_names_its_data_and_its_network_by_hash(trained: Project) -> None:
    (first, *_), (other, *_) = (trained.run("adaptation", "source", seed) for seed in (0, 1))
    assert set(first.data) == {"cifar10_corrupted"}
    assert set(first.inputs) == {"source_network"}
    assert first.inputs != other.inputs
    assert first.data == other.data


def test_a_missing_network_names_the_command_that_makes_it(project: Project) -> None:
    with pytest.raises(
        BadInputError,
        match=r"Type: python -m common.runs toy_paper source_network training --scale smoke --seed 1$",
    ):
        project.run("adaptation", "ent", 1)
    assert project.files() == set()


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"settings": {"batchsize": 12}}, "ent", r"method ent: unknown key 'batchsize'\. Did you mean 'batch_size'"),
    ({"methods": {"ent": {"epoch": 1}}, "only": {}}, "ent", r"unknown key 'epoch'\. Did you mean 'epochs'"),
    ({"methods": {"rlp": {}}, "only": {}}, "rlp", r"No method 'rlp' .*Did you mean 'rpl'"),
    ({"settings": {"batch_size": 1}}, "ent", "'batch_size' is 1"),
    ({"settings": {"corrupted": None}}, "ent", "name the images once"),
    ({"settings": {"folder": "mine"}}, "ent", "name the images once"),
    ({"settings": {"folder": "mine", "corrupted": None}}, "ent", "must list 'mine' in its 'folders'"),
    ({"settings": {"test_images": [3, 4]}}, "bn_adapt", r"has 1 image\(s\), and batch statistics need two"),
    ({"settings": {"test_images": [99, 120]}}, "bn_adapt", r"has 0 image\(s\)"),
    ({"settings": {"relative_to": {"fog": 0.8}}}, "ent", "no published error for snow, speckle_noise"),
    ({"methods": {"ent": {}}, "only": {}}, "ent", "'epochs' is 0, so there is nothing to choose"),
    ({"only": {"ent": [1]}}, "ent", "has neither 'learning_rate' nor development conditions"),
    ({"needs": []}, "source", "name it in 'needs', or set 'pretrained'"),
    ({"needs": [], "settings": {"pretrained": "resnet51.tv_in1k"}}, "source", r"Did you mean 'resnet50\.tv_in1k'"),
    ({"conditions": [{"split": ["tests"]}], "only": {}}, "ent", r"its split is 'tests'\. Did you mean 'test'"),
    (
        {"conditions": [{"split": ["test"], "corruption": ["hail"], "severity": [5]}], "only": {}},
        "bn_adapt",
        r"Data set cifar10_corrupted has no 'hail_5'; the corruption stage makes \['fog_5'",
    ),
    (
        {"conditions": [{"split": ["test"], "corruption": ["fog"], "sevrity": [5]}], "only": {}},
        "bn_adapt",
        r"unknown key 'sevrity'\. Did you mean 'severity'",
    ),
    (
        {"conditions": [{"split": ["development"], "corruption": ["fog"], "severity": [5]}], "only": {}},
        "ent",
        "the key 'learning_rate' is missing",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "method", "sentence"), BAD, ids=[sentence for *_, sentence in BAD])
def test_what_cannot_run_gets_a_sentence_and_leaves_nothing(
    trained: Project, changes: dict[str, Any], method: str, sentence: str
) -> None:
    broken = Project(trained.root, configuration(changed("adaptation", **changes)))
    before = broken.files()
    with pytest.raises(BadInputError, match=sentence):
        broken.run("adaptation", method)
    assert broken.files() == before


def test_labels_that_the_network_does_not_know_are_refused(trained: Project) -> None:
    steps = changed("source_network", settings={"classes": 4, "train_images": 40})
    sparse = Project(trained.root, configuration(steps))
    with pytest.raises(BadInputError, match="go up to 9, but 'classes' is 4"):
        sparse.run("source_network", "training")
