"""What the operating system refuses Snakemake and the programs it starts: a sentence, not a traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.disks import mounted
from tests.workflow.repository import Repository
from tests.workflow.test_kills import COMMAND


@pytest.mark.parametrize("name", ["results", "results/smoke", "site", "data/prepared", ".snakemake"])
def test_a_file_in_place_of_a_folder(repository: Repository, name: str) -> None:
    shutil.rmtree(repository.path / name)
    (repository.path / name).write_text("in the way")
    answer = repository.run(*COMMAND)
    assert answer.returncode == 1
    assert f"error: {name} is a file, and its name is needed for a folder." in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_job_by_hand_where_a_file_stands_in_the_way(repository: Repository) -> None:
    shutil.rmtree(repository.path / "results")
    (repository.path / "results").write_text("in the way")
    job = ("dice", "rolls", "rolling", "--scale", "smoke")
    answer = repository.run("python", "-m", "common.runs", *job)
    assert answer.returncode == 1
    assert answer.stderr.startswith("error: ")
    assert "A file stands where a folder belongs" in answer.stderr


@pytest.mark.slow
def test_a_folder_that_cannot_be_written(ran: Repository, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", 1 << 26) as disk:
        repository = ran.duplicate(disk.path / "repository")
        (repository.path / "results/smoke/dice/tables/errors.md").unlink()
        disk.forbid_writing()
        run = repository.run(*COMMAND)
        page = repository.run("python", "-m", "common.pages", "table", "dice", "errors", "--scale", "smoke")
    for answer in (run, page):
        assert answer.returncode == 1
        assert "Read-only file system. Work in a folder that can be written" in answer.stderr
        assert "Traceback" not in answer.stderr


@pytest.mark.slow
def test_an_artefact_that_was_damaged_between_two_jobs_is_refused(repository: Repository) -> None:
    name = "results/smoke/dice/artefacts/rolls/rolling/seed0/rolls.json"
    artefact = repository.path / name
    artefact.write_text(artefact.read_text().replace("1", "2", 1))
    answer = repository.run(*COMMAND)
    assert answer.returncode == 1
    said = answer.stdout + answer.stderr
    assert f"error: {name} was changed after its job had left it: " in said
    assert "To make it again, type: python -m common.runs dice rolls rolling --scale smoke --seed 0" in said
