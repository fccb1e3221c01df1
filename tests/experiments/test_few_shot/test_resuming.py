"""Trainings on tasks that die at some step go on from their checkpoint, and end with the same bytes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.checkpoints import Checkpoints
from common.runs.job import Result
from experiments.few_shot import episodic_embedding, gradient_meta_learning, inner_loop
from experiments.few_shot.baselines import prototypical_network
from tests.experiments.test_few_shot.project import DATA, EPISODES, TASKS, job, make_root

DEATHS = (2, 3)  # of the steps that an attempt makes


class KilledError(Exception):
    """Stands for the signal."""


class Mortal:
    """A function that dies at its call number `dies_at`, counted from 0."""

    def __init__(self, function: Any, dies_at: int = -1) -> None:
        self._function, self._left = function, dies_at

    def __call__(self, *arguments: Any) -> Any:
        if self._left == 0:
            raise KilledError
        self._left -= 1
        return self._function(*arguments)


def told(results: list[Result]) -> list[Any]:
    """All that a record says of them but times."""
    return [(result.condition, result.metrics, result.protocol, result.curves) for result in results]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_root(tmp_path_factory.mktemp("project"), side=16)


@pytest.mark.parametrize("backbone", ["convnet4_16", pytest.param("resnet12", marks=pytest.mark.slow)])
def test_an_episodic_training_that_died_ends_with_the_same_bytes(
    root: Path, tmp_path: Path, backbone: str
) -> None:
    """Augmentation and, of ResNet-12, dropout included."""
    tasks = {**TASKS, "shots": 1, "queries": 1, "meta_batch": 1, "episodes": 6}
    data = {**DATA, "images": 2, "test_images": 1}
    chosen = {"data": data, "backbone": backbone, "tasks": tasks}
    settings = episodic_embedding.Settings.model_validate(chosen)

    def attempt(artefact: str, checkpoints: Checkpoints, dies_at: int = -1) -> list[Any]:
        method: Any = SimpleNamespace(classify=Mortal(prototypical_network.classify, dies_at))
        given = {"implementation": method, "artefact": tmp_path / artefact, "checkpoints": checkpoints}
        return told(list(episodic_embedding.run(job(root, settings, **given))))

    undisturbed = attempt("undisturbed.pt", Checkpoints())
    for dies_at in DEATHS:
        with pytest.raises(KilledError):
            attempt("resumed.pt", Checkpoints(tmp_path / "job", interval=0), dies_at)
    assert not (tmp_path / "resumed.pt").exists()
    last = Checkpoints(tmp_path / "job", interval=0)
    assert attempt("resumed.pt", last, dies_at=6 - sum(DEATHS)) == undisturbed
    assert last.resumed
    assert (tmp_path / "resumed.pt").read_bytes() == (tmp_path / "undisturbed.pt").read_bytes()


@pytest.mark.parametrize("changes", [{}, {"head_only": True}])
def test_a_meta_learner_that_died_ends_with_the_same_numbers(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    """In training, in training again, and after the first of two tests."""
    settings = gradient_meta_learning.Settings.model_validate(
        {
            "data": {**DATA, "test_images": 4},
            "backbone": "convnet4_16",
            "tasks": {**TASKS, "episodes": 12, "meta_batch": 2},
            "evaluation": EPISODES,
            "inner_steps": 1,
            "test_steps": 2,
            "inner_rate": 0.1,
            **changes,
        }
    )
    outer, adapted = inner_loop.outer_gradients, gradient_meta_learning.adapted_accuracies

    def attempt(checkpoints: Checkpoints, steps: int = -1, tests: int = -1) -> list[Any]:
        monkeypatch.setattr(inner_loop, "outer_gradients", Mortal(outer, steps))
        monkeypatch.setattr(gradient_meta_learning, "adapted_accuracies", Mortal(adapted, tests))
        conditions: Any = [{"shots": 1}, {"shots": 2}]
        return told(
            list(gradient_meta_learning.run(job(root, settings, conditions, checkpoints=checkpoints)))
        )

    undisturbed = attempt(Checkpoints())
    for deaths in ({"steps": DEATHS[0]}, {"steps": DEATHS[1]}, {"tests": 1}):
        with pytest.raises(KilledError):
            attempt(Checkpoints(tmp_path / "job", interval=0), **deaths)
    last = Checkpoints(tmp_path / "job", interval=0)
    assert attempt(last, steps=0, tests=1) == undisturbed
