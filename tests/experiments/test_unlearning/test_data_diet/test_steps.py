"""The steps on tiny images: their records, what they refuse, and that a killed one goes on as before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import torch

from common.checkpoints import VARIABLE, Checkpoints
from common.records.schema import Record
from common.runs.config import PaperConfig
from common.runs.execute import execute
from common.strict import BadInputError
from experiments.unlearning.data_diet import barriers, kernels
from experiments.unlearning.data_diet.networks import Numbers
from experiments.unlearning.data_diet.settings import DietData
from experiments.unlearning.data_diet.timed_way import AnyWay
from experiments.unlearning.data_diet.ways import Measured, chosen
from experiments.unlearning.score_arrays import ScoreFile, ranking_for_forgetting, read_manifest
from experiments.unlearning.splits import load_splits
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project
from tests.experiments.test_unlearning.shadow_project import DATA, TRAIN, make_root

DIET = "experiments.unlearning.data_diet"
SETTINGS: dict[str, Any] = {
    "data": {**DATA, "network": "perceptron", "pooling": 2},
    "training": {"epochs": 4, "batch_size": 9, "learning_rate": 0.1, "steps_per_call": 3},
}
READING: dict[str, Any] = {"needs": ["scores"], "gathers": {"ways": 1}, "datasets": ["fashion_mnist"]}
RANKED = {"keep": "highest", "score": "el2n", "epoch": 1}
STEPS: dict[str, dict[str, Any]] = {
    "ways": {
        "entry": f"{DIET}.ways",
        "methods": {"timing": {}},
        "artefact": "way.json",
        "settings": {
            "network": "perceptron", "side": 4, "channels": 1, "classes": 3, "networks": 2, "steps": 3,
            "rounds": 1, "training": SETTINGS["training"],
        },
        "conditions": [{"way": ["vmapped", "scanned", "looped", "torch"]}],
    },
    "scores": {
        "entry": f"{DIET}.scoring",
        "methods": {"ensemble": {}},
        "artefact": "scores.npz",
        "gathers": {"ways": 1},
        "datasets": ["fashion_mnist"],
        "settings": {**SETTINGS, "networks": 2, "grand_epochs": [0, 1], "label_noise": 0.2},
        "conditions": [{"trained": [0.0, 0.25, 1.0]}],
    },
    "pruning": {
        "entry": f"{DIET}.pruning",
        "methods": {"el2n": RANKED, "random": {"keep": "random"}},
        **READING,
        "settings": {**SETTINGS, "label_noise": 0.2},
        "conditions": [{"kept": [0.5], "offset": [0.1, 0.5]}],
    },
    "connectivity": {
        "entry": f"{DIET}.connectivity",
        "methods": {"children": {}},
        **READING,
        "settings": {**SETTINGS, "label_noise": 0.2, "epoch": 1, "group": 10},
        "conditions": [{"spawn": [0.0, 0.5]}],
    },
    "velocities": {
        "entry": f"{DIET}.velocities",
        "methods": {"network": {}},
        **READING,
        "settings": {**SETTINGS, "label_noise": 0.2, "epoch": 1, "group": 3},
        "conditions": [{"trained": [0.0, 0.5]}],
    },
}  # fmt: skip
READERS = [
    ("scores", "ensemble"),
    ("pruning", "el2n"),
    ("connectivity", "children"),
    ("velocities", "network"),
]


def configured(step: str = "", condition: dict[str, Any] | None = None, **settings: Any) -> PaperConfig:
    """The steps, one of them changed."""
    steps = dict(STEPS)
    if step:
        changed = {**steps[step], "settings": {**steps[step]["settings"], **settings}}
        steps[step] = changed | ({"conditions": [condition]} if condition else {})
    scales = {"smoke": {"seeds": 1, "steps": steps}}
    return PaperConfig.model_validate({"paper": "toy", "track": "unlearning", "scales": scales})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Everything was run, with a way that was given, not measured."""
    root = make_root(tmp_path_factory.mktemp("diet"))
    for package in ("common", "experiments"):
        (root / package).symlink_to(REPOSITORY / package)
    project = Project(root, configured())
    artefact = project.job("ways", "timing").artefact
    assert artefact is not None
    (root / artefact).parent.mkdir(parents=True)
    (root / artefact).write_text(json.dumps({"way": "vmapped"}))
    for step, method in READERS:
        project.run(step, method)
    return project


def left(project: Project, step: str, method: str) -> list[Any]:
    """What must repeat: every record without cost and dates, and the bytes of the artefact."""
    spec = project.job(step, method)
    artefact = (project.root / spec.artefact).read_bytes() if spec.artefact else b""
    return [*(project.read(path).identity() for path in spec.records), artefact]


@pytest.mark.parametrize(("step", "method"), READERS)
def test_a_step_that_died_twice_leaves_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch, step: str, method: str
) -> None:
    before, spec, write = left(project, step, method), project.job(step, method), Checkpoints._write

    def write_and_die(self: Checkpoints, name: str, content: dict[str, Any]) -> None:
        write(self, name, content)
        raise KeyboardInterrupt

    monkeypatch.setenv(VARIABLE, "0")
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(Checkpoints, "_write", write_and_die)
            with pytest.raises(KeyboardInterrupt):
                execute(spec, project.config, project.root, {})
    records: list[Record] = project.run(step, method)
    assert records[0].cost.resumed
    assert left(project, step, method) == before


def test_scores_have_a_manifest_and_the_track_ranks_its_images_by_them(project: Project) -> None:
    artefact = project.job("scores", "ensemble").artefact
    assert artefact is not None
    path = project.root / artefact
    manifest = read_manifest(path)
    assert (manifest.dataset, manifest.length, manifest.label_noise) == ("fashion_mnist", TRAIN, 0.2)
    data = DietData.model_validate(SETTINGS["data"])
    train = load_splits(data, project.root, torch.device("cpu")).train
    ranking = ranking_for_forgetting(path, train, "el2n", 1)
    assert ranking.shape == (TRAIN,)
    scores = ScoreFile(path, manifest.data_hash, TRAIN)
    assert 0 < scores.values("el2n", 1).min() < scores.values("el2n", 1).max() < 2**0.5
    assert np.array_equal(scores.values("forgetting", 0), np.ones(TRAIN))  # nothing was learnt yet


def test_records_say_what_was_kept(project: Project) -> None:
    low, high = (project.read(path) for path in project.job("pruning", "el2n").records)
    assert low.protocol["kept_images"] == high.protocol["kept_images"] == TRAIN // 2
    assert low.protocol["steps"] == 4 * (TRAIN // 9)
    assert low.protocol["score_networks"] == 2
    assert high.metrics["gain_over_top"] == 0
    assert low.metrics["mislabelled_percent"] < high.metrics["mislabelled_percent"]


def test_random_subsets_need_no_scores(project: Project) -> None:
    assert project.run("pruning", "random")[0].protocol["score_networks"] is None


@pytest.mark.parametrize(
    ("settings", "condition", "sentence"),
    [
        ({}, {"kept": [0.0]}, r"The kept fraction is 0\.0"),
        ({}, {"kept": [0.1]}, "are less than a batch of 9"),
        ({"label_noise": 0.0}, {"kept": [0.5]}, r"under label noise of 0\.2, and 'label_noise' is 0"),
        ({"epoch": 2}, {"kept": [0.5]}, "has no such score"),
        ({"epoch": None}, {"kept": [0.5]}, "give 'score' and 'epoch' in its settings, or 'trained'"),
        (
            {"data": {**SETTINGS["data"], "images": 50}},
            {"kept": [0.5]},
            "scores of 54 examples, and there are",
        ),
        ({"data": {**SETTINGS["data"], "pooling": 3}}, {"kept": [0.5]}, "can't be cut into squares of 3"),
        (
            {"data": {**SETTINGS["data"], "network": "perceptrn"}},
            {"kept": [0.5]},
            "Did you mean 'perceptron'",
        ),
    ],
)
def test_what_can_not_be_used_is_a_sentence(
    project: Project, settings: dict[str, Any], condition: dict[str, Any], sentence: str
) -> None:
    methods = {**STEPS["pruning"], "methods": {"el2n": {**RANKED, **settings}}}
    if "data" in settings or "label_noise" in settings:
        methods = {**STEPS["pruning"], "settings": {**STEPS["pruning"]["settings"], **settings}}
    config = configured()
    steps = {**STEPS, "pruning": {**methods, "conditions": [condition]}}
    config = PaperConfig.model_validate(
        {"paper": "toy", "track": "unlearning", "scales": {"smoke": {"seeds": 1, "steps": steps}}}
    )
    with pytest.raises(BadInputError, match=sentence):
        Project(project.root, config).run("pruning", "el2n")


def test_scores_are_compared_with_those_at_the_end(project: Project) -> None:
    with pytest.raises(BadInputError, match=r"add 'trained: 1\.0' to its conditions"):
        Project(project.root, configured("scores", {"trained": [0.0]})).run("scores", "ensemble")


def test_groups_that_do_not_fit_are_refused(project: Project) -> None:
    with pytest.raises(BadInputError, match="Two groups of 40 don't fit into 54 examples"):
        Project(project.root, configured("connectivity", group=40)).run("connectivity", "children")
    with pytest.raises(BadInputError, match="A group of 60 doesn't fit into 54 examples"):
        Project(project.root, configured("velocities", group=60)).run("velocities", "network")


@pytest.mark.slow
def test_the_measurement_leaves_a_way_and_a_row_for_each(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    for package in ("common", "experiments"):
        (root / package).symlink_to(REPOSITORY / package)
    records = Project(root, configured()).run("ways", "timing")
    assert sum(record.metrics["chosen"] for record in records) == 1
    assert all(record.metrics["step_milliseconds"] > 0 for record in records)


def test_a_way_that_is_about_as_fast_as_the_fastest_is_chosen_in_a_fixed_order() -> None:
    def timed(seconds: float) -> Measured:
        return Measured(1.0, 1.0, [seconds, 2 * seconds])

    ways: dict[AnyWay, Measured] = {
        "vmapped": timed(1.05),
        "scanned": timed(1.0),
        "looped": timed(3.0),
        "torch": timed(0.1),
    }
    assert chosen(ways) == "vmapped"
    assert chosen({**ways, "vmapped": timed(1.2)}) == "scanned"


def test_a_barrier_by_hand() -> None:
    """Errors of 2 % and 4 % at the ends make a chord of 3 % halfway, where 10 % are wrong."""
    shares = np.array([0.0, 0.5, 1.0])
    assert barriers.error_barrier(np.array([2.0, 10.0, 4.0]), shares) == pytest.approx(7.0)
    assert barriers.error_barrier(np.array([2.0, 1.0, 4.0]), shares) == 0.0


def test_networks_between_two_are_mixed_weight_by_weight() -> None:
    pair = Numbers({"w": jax.numpy.array([[4.0, 8.0], [0.0, 0.0]])}, {})
    mixed = barriers.between(pair, np.array([0.0, 0.25, 1.0])).parameters["w"]
    assert np.asarray(mixed).tolist() == [[0.0, 0.0], [1.0, 2.0], [4.0, 8.0]]


def test_velocities_by_hand() -> None:
    identity, ones = np.eye(2, dtype=np.float32), np.ones((2, 2), np.float32)
    assert kernels.velocity(identity, 3 * identity) == pytest.approx(0.0)
    assert kernels.velocity(identity, ones) == pytest.approx(1 - 2 / (2**0.5 * 2))
