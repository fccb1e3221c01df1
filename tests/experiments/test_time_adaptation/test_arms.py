"""Self-training put together piece by piece: reduces to the paper's methods, and says what it was made of."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from common.runs.config import load_config
from common.runs.execute import job_settings
from common.runs.plan import jobs
from common.strict import BadInputError
from experiments.test_time_adaptation.self_learning.confidence import above
from experiments.test_time_adaptation.self_learning.losses import hard_pseudo_label
from tests.experiments.test_time_adaptation.project import REPOSITORY, STEPS, TRACK, Project, configuration

ARMS: dict[str, dict[str, Any]] = {
    "rpl_arm": {"loss": "robust"},
    "ent_arm": {"loss": "entropy", "teacher": "same"},
    "hard_arm": {"loss": "hard", "teacher": "epoch"},
    "sure_arm": {"loss": "hard", "teacher": "epoch", "threshold": 0.9},
    "cold_arm": {"loss": "soft", "student_temperature": 0.5},
}


def arms(project: Project, methods: dict[str, Any], **changes: Any) -> Project:
    step = {
        **STEPS["adaptation"],
        "entry": f"{TRACK}.self_learning.arms",
        "method_modules": False,
        "only": {},
    }
    learning = {name: {"epochs": 2, "momentum": 0.9, **own} for name, own in methods.items()}
    return Project(project.root, configuration({**STEPS, "arms": {**step, "methods": learning, **changes}}))


@pytest.mark.parametrize(("arm", "method"), [("rpl_arm", "rpl"), ("ent_arm", "ent")])
def test_an_arm_of_a_methods_parts_is_the_method(trained: Project, arm: str, method: str) -> None:
    built = arms(trained, ARMS).run("arms", arm)
    whole = trained.run("adaptation", method)
    assert [record.metrics for record in built] == [record.metrics for record in whole]


@pytest.mark.parametrize("arm", ["hard_arm", "sure_arm", "cold_arm"])
def test_the_facts_say_what_an_arm_is_made_of(trained: Project, arm: str) -> None:
    *_, record = arms(trained, ARMS).run("arms", arm)
    facts = record.protocol
    assert facts["loss"] == ARMS[arm]["loss"]
    assert facts["teacher"] == ARMS[arm].get("teacher", "instant")
    assert facts["threshold"] == ARMS[arm].get("threshold", 0.0)
    assert facts["settings_chosen_on"] == "development_corruptions"


def test_a_method_that_is_a_module_keeps_its_own_parts(trained: Project) -> None:
    conditions = [{"split": ["test"], "corruption": ["fog"], "severity": [5]}]
    own = {"ent": {"learning_rate": 0.1, "settings_chosen_on": "development_corruptions"}}
    project = arms(trained, own, method_modules=True, conditions=conditions)
    (record,) = project.run("arms", "ent")
    assert (record.protocol["loss"], record.protocol["settings_chosen_on"]) == (
        None,
        "development_corruptions",
    )


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({}, "Arm 'arm' needs a 'loss'"),
        ({"loss": "entropy"}, "has the teacher 'same'"),
        ({"loss": "robust", "teacher": "same"}, "has the teacher 'same'"),
        ({"loss": "robuts"}, "robust"),
    ],
)
def test_what_is_no_arm_gets_a_sentence(trained: Project, own: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        arms(trained, {"arm": own}).run("arms", "arm")


# ---- confidence thresholds

TEACHER = torch.tensor([[0.8, 0.2], [0.6, 0.4], [0.05, 0.95]]).log()
STUDENT = torch.tensor([[0.5, 0.5], [0.1, 0.9], [0.75, 0.25]]).log()


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (0.0, (math.log(2) + math.log(10) + math.log(4)) / 3),
        (0.7, (math.log(2) + math.log(4)) / 2),
        (0.9, math.log(4)),
        (0.99, 0.0),
    ],
)
def test_only_the_sure_are_listened_to(threshold: float, expected: float) -> None:
    found = above(threshold, hard_pseudo_label)(STUDENT, TEACHER)
    assert float(found) == pytest.approx(expected, rel=1e-6)


def test_where_nobody_is_sure_nothing_is_learned() -> None:
    student = STUDENT.clone().requires_grad_(True)
    above(0.99, hard_pseudo_label)(student, TEACHER).backward()
    assert student.grad is not None
    assert not student.grad.any()


@pytest.mark.parametrize("scale", ["smoke", "quick", "full"])
def test_the_settings_of_every_arm_are_read(scale: Any) -> None:
    config = load_config(Path(REPOSITORY / "experiments/test_time_adaptation/self_learning/config.yaml"))
    for job in jobs(config, scale, seeds=1):
        assert type(job_settings(job)).__name__ == "Settings"
