"""The source network and adaptations die after a checkpoint; run again, they leave the same."""

from __future__ import annotations

from typing import Any

import pytest

from common.checkpoints import VARIABLE, Checkpoints
from tests.experiments.test_time_adaptation.project import TRAINING, Project, changed, configuration


class KilledError(Exception):
    """Stands for the signal."""


def left(project: Project, step: str, method: str) -> list[Any]:
    """What must repeat: every record without cost and dates, and the bytes of the artefact."""
    spec = project.job(step, method)
    artefact = (project.root / spec.artefact).read_bytes() if spec.artefact else b""
    return [*(project.read(path).identity() for path in spec.records), artefact]


@pytest.mark.parametrize(("step", "method"), [("source_network", "training"), ("adaptation", "ent")])
def test_a_step_that_died_twice_leaves_the_same(
    trained: Project, monkeypatch: pytest.MonkeyPatch, step: str, method: str
) -> None:
    longer = changed("source_network", settings={"training": {**TRAINING, "epochs": 3}})
    project = Project(trained.root, configuration(longer))
    project.run(step, method)
    before = left(project, step, method)
    write = Checkpoints._write

    def write_and_die(self: Checkpoints, name: str, content: dict[str, Any]) -> None:
        write(self, name, content)
        raise KilledError

    monkeypatch.setenv(VARIABLE, "0")
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(Checkpoints, "_write", write_and_die)
            with pytest.raises(KilledError):
                project.run(step, method)
    assert project.run(step, method)[-1].cost.resumed
    assert left(project, step, method) == before
