"""What a killed DVC left half-written is put right, or it is said how to get it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.rules.dvc_files import KEPT, LOCK, READERS, mend_files
from common.strict import BadInputError
from tests.workflow.repository import Repository

WHOLE = "schema: '2.0'\nstages:\n  faces:\n    cmd: python -m faces\n    outs:\n    - path: data/faces\n"
HALVES = ["", "schema: '2.0'\nstages:\n  faces:\n", WHOLE[:40], "stages: {}\n", "[1"]


def test_a_whole_lock_is_kept_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text(WHOLE)
    mend_files(tmp_path)
    assert (tmp_path / LOCK).read_text() == (tmp_path / KEPT).read_text() == WHOLE


@pytest.mark.parametrize("half", HALVES)
def test_half_a_lock_is_put_back(tmp_path: Path, half: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / LOCK).write_text(WHOLE)
    mend_files(tmp_path)
    (tmp_path / LOCK).write_text(half)
    mend_files(tmp_path)
    assert (tmp_path / LOCK).read_text() == WHOLE
    assert "dvc.lock was only half there" in capsys.readouterr().err


def test_without_a_copy_git_has_one(tmp_path: Path) -> None:
    mend_files(tmp_path)  # a project without data needs none
    (tmp_path / LOCK).write_text("")
    with pytest.raises(BadInputError, match=r"half there.* Type: git checkout dvc\.lock"):
        mend_files(tmp_path)


def test_data_are_prepared_after_dvc_was_killed(repository: Repository) -> None:
    assert repository.run("python", "-m", "common.rules.prepare", "toy_faces").returncode == 0
    (repository.path / LOCK).write_text("")
    (repository.path / READERS).write_text("")
    answer = repository.run("python", "-m", "common.rules.prepare", "toy_faces")
    assert answer.returncode == 0, answer.stderr


def test_the_reason_of_a_failure_is_said(repository: Repository) -> None:
    repository.replace("dvc.yaml", "experiments.chance.prepare_faces", "experiments.chance.prepare_facs")
    answer = repository.run("python", "-m", "common.rules.prepare", "toy_faces")
    assert answer.returncode == 1
    assert "No module named experiments.chance.prepare_facs" in answer.stderr
    assert "'dvc repro faces' failed, so toy_faces isn't prepared" in answer.stderr
