"""Steps online_adaptation and published_network end to end: records, facts, and sentences."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from common.data.prepare import write_prepared
from common.models.registry import small_image_network
from common.strict import BadInputError
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import Adapter
from experiments.test_time_adaptation.published_network import read_checkpoint
from tests.experiments.test_time_adaptation.project import STEPS, TRACK, Project, configuration

CORRUPTIONS = ["fog", "snow"]
SETTINGS = {
    "dataset": "CIFAR-10-C",
    "corrupted": "cifar10_corrupted",
    "corrupted_images": "regenerated",
    "development_images": [24, 36],
    "test_images": [0, 24],
    "source_dataset": "cifar10",
    "source_images": 60,
}
DEVELOPMENT = {
    "split": ["development"],
    "stream": ["reset"],
    "batch_size": [6],
    "severity": [5],
    "corruption": ["speckle_noise"],
    "learning_rate": [0.001, 0.1],
}
TEST = {
    "split": ["test"],
    "stream": ["reset", "mixed"],
    "batch_size": [6],
    "severity": [5],
    "corruption": CORRUPTIONS,
}


TIED = {"options": {"gaussians": "tied"}}
MISTYPED = {"eata": {"options": {"penatly": 0.0}}}


def online(**changes: Any) -> dict[str, Any]:
    step = {
        "entry": f"{TRACK}.online_adaptation",
        "needs": ["source_network"],
        "datasets": ["cifar10", "cifar10_corrupted"],
        "method_modules": True,
        "settings": SETTINGS,
        "conditions": [DEVELOPMENT, TEST],
        "only": {"source": [1], "lame": [1]},
        "methods": {name: {} for name in ("source", "lame", "tent", "ent")} | {"cafa": TIED},
    }
    return {**STEPS, "online": {**step, **changes}}


@pytest.fixture
def adapted(trained: Project) -> Project:
    return Project(trained.root, configuration(online()))


def test_a_method_that_learns_nothing(adapted: Project) -> None:
    records = adapted.run("online", "source")
    assert [(r.condition["stream"], r.condition["corruption"]) for r in records] == [
        (stream, corruption) for stream in ("reset", "mixed") for corruption in CORRUPTIONS
    ]
    facts = records[0].protocol
    assert (facts["stream"], facts["statistics"], facts["adapted"]) == ("reset", "source", "nothing")
    assert (facts["settings_chosen_on"], facts["source_images"]) == ("nothing_to_choose", 0)
    # What is adapted to doesn't matter to a network that stays as it is.
    assert records[0].metrics["error_percent"] == records[2].metrics["error_percent"]


def test_the_rate_is_chosen_on_the_development_corruptions(adapted: Project) -> None:
    records = adapted.run("online", "cafa")
    trials = {r.condition["learning_rate"]: r.metrics["error_percent"] for r in records[:2]}
    chosen = {r.metrics["learning_rate"] for r in records[2:]}
    assert chosen == {min(trials, key=lambda rate: trials[rate])}
    facts = records[2].protocol
    assert (facts["source_images"], facts["source_data"]) == (60, "labelled_statistics")
    assert facts["settings_chosen_on"] == "development_corruptions"
    assert records[2].cost.parts["adapting"] > 0
    assert 0 < records[2].metrics["distance_ratio"] < 1
    assert "distance_ratio" not in records[-1].metrics  # in the mixed stream no batch is of one corruption


UNTUNED = {name: value for name, value in DEVELOPMENT.items() if name != "learning_rate"}


def tuned_apart(seeds: int = 1) -> dict[str, Any]:
    """A step that chooses rates once, and one that reads them."""
    methods: dict[str, Any] = {"source": {}, "tent": {}}
    tuning = online(methods=methods, conditions=[DEVELOPMENT, UNTUNED], only={"source": [1], "tent": [0]})
    reading = {"conditions": [TEST], "only": {}, "gathers": {"tuning": seeds}}
    return {**STEPS, "tuning": {**tuning["online"], "artefact": "rate.json"}} | {
        "online": online(methods=methods, **reading)["online"]
    }


def test_a_rate_chosen_once_is_read_at_every_seed(trained: Project) -> None:
    project = Project(trained.root, configuration(tuned_apart()))
    trials = {r.condition["learning_rate"]: r.metrics["error_percent"] for r in project.run("tuning", "tent")}
    for seed in (0, 1):
        for record in project.run("online", "tent", seed=seed):
            assert record.metrics["learning_rate"] == min(trials, key=lambda rate: trials[rate])
            assert record.protocol["settings_chosen_on"] == "development_corruptions"
    (record,) = project.run("tuning", "source")
    assert (record.protocol["settings_chosen_on"], "learning_rate" in record.metrics) == (
        "nothing_to_choose",
        False,
    )
    assert "learning_rate" not in project.run("online", "source")[0].metrics


def test_rates_of_two_seeds_are_refused(trained: Project) -> None:
    project = Project(trained.root, configuration(tuned_apart(seeds=2)))
    for seed in (0, 1):
        project.run("tuning", "tent", seed=seed)
    with pytest.raises(BadInputError, match="gather one seed of one step"):
        project.run("online", "tent")


def test_a_rate_of_the_condition_is_used_as_it_is(trained: Project) -> None:
    swept = {**TEST, "stream": ["reset"], "learning_rate": [0.001, 0.1]}
    project = Project(trained.root, configuration(online(methods={"tent": {}}, conditions=[swept], only={})))
    records = project.run("online", "tent")
    assert [r.metrics["learning_rate"] for r in records] == [r.condition["learning_rate"] for r in records]
    assert {r.protocol["settings_chosen_on"] for r in records} == {"swept"}


def test_every_seed_meets_a_part_of_the_images(trained: Project) -> None:
    def errors(**changes: Any) -> list[float]:
        steps = online(methods={"source": {}}, conditions=[TEST], only={}, settings=SETTINGS | changes)
        project = Project(trained.root, configuration(steps))
        return [project.run("online", "source", seed=seed)[0].metrics["error_percent"] for seed in (0, 1)]

    first, second = errors(test_images=[0, 12]), errors(test_images=[12, 24])
    assert errors(test_images=[0, 24], parts=2) == [first[0], second[1]]
    assert first != second  # else the parts could be one


@pytest.mark.parametrize("changes", [{"source_dataset": None}, {"source_folder": "imagenet_train"}])
def test_source_images_come_from_one_place(trained: Project, changes: dict[str, Any]) -> None:
    steps = online(methods={"source": {}}, settings=SETTINGS | changes, only={})
    with pytest.raises(BadInputError, match="'source_images' are of one place"):
        Project(trained.root, configuration(steps)).run("online", "source")


def test_a_folder_must_be_the_steps_own(trained: Project) -> None:
    settings = SETTINGS | {"corrupted": None, "folder": "imagenet_c"}
    steps = online(methods={"source": {}}, settings=settings, only={}, conditions=[TEST])
    with pytest.raises(BadInputError, match="must list 'imagenet_c' in its 'folders' too"):
        Project(trained.root, configuration(steps)).run("online", "source")


def test_parts_of_unnamed_images_are_refused(trained: Project) -> None:
    steps = online(methods={"source": {}}, settings=SETTINGS | {"test_images": None, "parts": 2}, only={})
    with pytest.raises(BadInputError, match="'parts' are of the 'test_images'"):
        Project(trained.root, configuration(steps)).run("online", "source")


def test_a_passage_repeats(adapted: Project) -> None:
    first, second = (adapted.run("online", "tent", seed=1) for _ in range(2))
    assert [record.identity() for record in first] == [record.identity() for record in second]


def test_a_method_without_an_online_form_is_refused(adapted: Project) -> None:
    with pytest.raises(BadInputError, match="Method 'ent' has no online form"):
        adapted.run("online", "ent")


def test_an_unknown_option_gets_a_suggestion(trained: Project) -> None:
    project = Project(trained.root, configuration(online(methods=MISTYPED, only={})))
    with pytest.raises(BadInputError, match="Did you mean 'penalty'"):
        project.run("online", "eata")


def test_a_method_that_learns_needs_a_rate(trained: Project) -> None:
    project = Project(trained.root, configuration(online(methods={"tent": {}}, only={"tent": [1]})))
    with pytest.raises(BadInputError, match="neither 'learning_rate' nor development conditions"):
        project.run("online", "tent")


# ---- the published checkpoint


def checkpoint(project: Project, changes: dict[str, np.ndarray] | None = None) -> None:
    """One of ResNet-8's own tensors, under other names but for their ends."""
    state = small_image_network("resnet8", 10).state_dict()
    arrays = {f"module.{name}": value.numpy() for name, value in state.items() if "num_batches" not in name}
    arrays |= changes or {}
    write_prepared("checkpoint", list(arrays.items()), project.root, {"tensors": list(arrays)})


def published(project: Project) -> Project:
    settings = {
        "checkpoint": "checkpoint",
        "network": "resnet8",
        "classes": 10,
        "mean": [0.5, 0.5, 0.5],
        "deviation": [0.2, 0.2, 0.2],
        "dataset": "cifar10",
    }
    step = {
        "entry": f"{TRACK}.published_network",
        "methods": {"checkpoint": {}},
        "artefact": "network.pt",
        "datasets": ["cifar10", "checkpoint"],
        "settings": settings,
    }
    return Project(project.root, configuration({"published_network": step}))


def test_a_published_checkpoint_is_judged_and_handed_on(project: Project) -> None:
    checkpoint(project)
    (record,) = published(project).run("published_network", "checkpoint")
    assert record.protocol["weights"] == "checkpoint"
    assert 0 <= record.metrics["error_percent"] <= 100


def test_a_checkpoint_of_another_network_is_refused(project: Project) -> None:
    checkpoint(project)
    with pytest.raises(BadInputError, match="it is of another network"):
        read_checkpoint("checkpoint", "resnet20", 10, project.root)
    with pytest.raises(BadInputError, match=r"'module.classifier.weight' \[10, 64\] doesn't fit"):
        read_checkpoint("checkpoint", "resnet8", 7, project.root)


def test_a_damaged_checkpoint_is_refused(project: Project) -> None:
    checkpoint(project, {"module.classifier.bias": np.full(10, np.nan, dtype=np.float32)})
    with pytest.raises(BadInputError, match="holds NaN"):
        read_checkpoint("checkpoint", "resnet8", 10, project.root)


def test_a_missing_checkpoint_names_the_command_that_brings_it(project: Project) -> None:
    with pytest.raises(BadInputError, match=r"Type: python -m common.data cifar10_resnet56"):
        read_checkpoint("cifar10_resnet56", "resnet56", 10, project.root)


def test_a_batch_of_one_in_a_stream_is_refused_with_methods_that_can_do_with_it(trained: Project) -> None:
    alone = {**TEST, "batch_size": [1]}
    project = Project(
        trained.root,
        configuration(
            online(conditions=[DEVELOPMENT, alone], methods={"bn_adapt": {}}, only={"bn_adapt": [1]})
        ),
    )
    with pytest.raises(BadInputError, match="Raise 'batch_size', or take bn_prior"):
        project.run("online", "bn_adapt")
    assert not [name for name in project.files() if "/online/" in name]


def test_a_method_is_handed_images_alone() -> None:
    """No label can reach an adapter: what it is called with has no place for one."""
    assert list(inspect.signature(OnlineAdapter.step).parameters) == ["self", "images"]
    assert list(inspect.signature(Adapter.update).parameters) == ["self", "images"]
    assert "labels" not in Start.__dataclass_fields__
