"""One real run of the toy papers, of which each test then takes a copy to edit and plan again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.workflow.repository import Repository, commit, copy_repository
from tests.workflow.toy_papers import DICE, FACES_STAGE, commands_of_guide, files_of_guide, write


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Both toy papers, run; nobody may change it. Test processes that run side by side share one."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with FileLock(shared / "first_run.lock"):
        if not (shared / "first_run_is_whole").exists():
            shutil.rmtree(shared / "first_run", ignore_errors=True)
            _run_both(shared / "first_run")
            (shared / "first_run_is_whole").touch()
    return Repository(shared / "first_run")


@pytest.fixture
def repository(ran: Repository, tmp_path: Path) -> Repository:
    """A copy of the run for one test."""
    return ran.duplicate(tmp_path / "repository")


def _run_both(path: Path) -> None:
    """Follow CONTRIBUTING.md to the letter; then add the other paper, whose data are made by DVC alone."""
    repository = copy_repository(path)
    write(files_of_guide(), path)
    for command in commands_of_guide():
        _succeed(repository, "snakemake", *command)
    write(DICE, path)
    with (path / "dvc.yaml").open("a") as stages:
        stages.write(FACES_STAGE)
    _succeed(repository, "python", "-m", "experiments.chance.prepare_faces")
    shutil.rmtree(path / "data" / "prepared")
    _succeed(repository, "snakemake", "--config", f"papers={repository.papers}", "scale=smoke")
    commit(repository)


def _succeed(repository: Repository, *command: str) -> None:
    answer = repository.run(*command)
    assert answer.returncode == 0, answer.stdout + answer.stderr
