"""Step adaptation end to end: records, curves, protocol facts, and sentences for what can't be run."""

from __future__ import annotations

import json
import shutil
from typing import Any

import numpy as np
import pytest

from common.data.arrays import load
from common.data.prepare import write_prepared
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
            "training_precision": "float32",
            "precision": "float32",
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


def test_the_network_is_reset_before_every_test_set(trained: Project) -> None:
    """Whichever test set comes first: what was learned on it does not reach the other."""
    methods = {"ent": {"epochs": 2, "learning_rate": 0.3, "momentum": 0.9}}
    errors = []
    for corruptions in (["fog", "snow"], ["snow", "fog"]):
        cells = [{"split": ["test"], "corruption": corruptions, "severity": [5]}]
        steps = changed("adaptation", conditions=cells, only={}, methods=methods)
        records = Project(trained.root, configuration(steps)).run("adaptation", "ent")
        errors.append({str(record.condition["corruption"]): record.metrics for record in records})
    assert errors[0] == errors[1]


def test_a_run_repeats_bit_by_bit_and_seeds_differ(trained: Project) -> None:
    first = [record.identity() for record in trained.run("adaptation", "rpl", 0)]
    assert [record.identity() for record in trained.run("adaptation", "rpl", 0)] == first
    other = trained.run("adaptation", "rpl", 1)
    assert set(first).isdisjoint(record.identity() for record in other)
    assert len(set(first)) == len(first)


def test_the_order_of_batches_hangs_on_the_seed(trained: Project) -> None:
    """Two seeds on one and the same network part ways through the order of the batches alone."""
    artefacts = trained.root / "results/smoke/toy_paper/artefacts/source_network/training"
    shutil.copy(artefacts / "seed0/network.pt", artefacts / "seed1/network.pt")
    # It says that the artefact is another.
    (trained.root / "results/smoke/toy_paper/receipts/source_network/training/seed1.json").unlink()
    methods = {"ent": {"epochs": 2, "learning_rate": 0.3, "momentum": 0.9}}
    cells = [{"split": ["test"], "corruption": ["fog", "snow", "speckle_noise"], "severity": [5]}]
    project = Project(
        trained.root, configuration(changed("adaptation", conditions=cells, only={}, methods=methods))
    )
    first, other = ([r.metrics for r in project.run("adaptation", "ent", seed)] for seed in (0, 1))
    assert first != other


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


def conditions(**values: list[Any]) -> dict[str, Any]:
    return {"conditions": [{"corruption": ["fog"], "severity": [5], **values}], "only": {}}


# For each sentence: the method, and what is changed of the step.
BAD: dict[str, tuple[str, dict[str, Any]]] = {
    r"method ent: unknown key 'batchsize'\. Did you mean 'batch_size'": (
        "ent",
        {"settings": {"batchsize": 12}},
    ),
    r"unknown key 'epoch'\. Did you mean 'epochs'": ("ent", {"methods": {"ent": {"epoch": 1}}, "only": {}}),
    r"No method 'rlp' .*Did you mean 'rpl'": ("rlp", {"methods": {"rlp": {}}, "only": {}}),
    "'batch_size' is 1": ("ent", {"settings": {"batch_size": 1}}),
    "name the images once: 'corrupted'": ("ent", {"settings": {"corrupted": None}}),
    "name the images once.*or 'folder'": ("ent", {"settings": {"folder": "mine"}}),
    "must list 'mine' in its 'folders'": ("ent", {"settings": {"folder": "mine", "corrupted": None}}),
    r"has 1 image\(s\), and batch statistics need two": ("bn_adapt", {"settings": {"test_images": [3, 4]}}),
    r"has 0 image\(s\)": ("bn_adapt", {"settings": {"test_images": [99, 120]}}),
    "no published error for snow, speckle_noise": ("ent", {"settings": {"relative_to": {"fog": 0.8}}}),
    "'epochs' is 0, so there is nothing to choose": ("ent", {"methods": {"ent": {}}, "only": {}}),
    "has neither 'learning_rate' nor development conditions": ("ent", {"only": {"ent": [1]}}),
    "name it in 'needs', or set 'pretrained'": ("source", {"needs": []}),
    r"Did you mean 'resnet50\.tv_in1k'": (
        "source",
        {"needs": [], "settings": {"pretrained": "resnet51.tv_in1k"}},
    ),
    r"its split is 'tests'\. Did you mean 'test'": ("ent", conditions(split=["tests"])),
    r"cifar10_corrupted has no 'hail_5'; the corruption stage makes \['fog_5'": (
        "bn_adapt",
        conditions(split=["test"], corruption=["hail"]),
    ),
    r"unknown key 'sevrity'\. Did you mean 'severity'": ("bn_adapt", conditions(split=["test"], sevrity=[5])),
    "the key 'learning_rate' is missing": ("ent", conditions(split=["development"])),
}


@pytest.mark.parametrize("sentence", BAD)
def test_what_cannot_run_gets_a_sentence_and_leaves_nothing(trained: Project, sentence: str) -> None:
    method, changes = BAD[sentence]
    broken = Project(trained.root, configuration(changed("adaptation", **changes)))
    before = broken.files()
    with pytest.raises(BadInputError, match=sentence):
        broken.run("adaptation", method)
    assert broken.files() == before


def test_labels_that_the_network_does_not_know_are_refused(trained: Project) -> None:
    """A network of ten classes, shown a prepared set with a class of number 12."""
    arrays = dict(load("cifar10_corrupted", trained.root))
    arrays["labels"] = np.where(arrays["labels"] == 3, 12, arrays["labels"])
    write_prepared("cifar10_corrupted", arrays.items(), trained.root, {})
    with pytest.raises(BadInputError, match="labels go up to 12, but the network has 10 classes"):
        trained.run("adaptation", "source")
