"""Snakemake on a disk that fills up under it: sentences, and the same records once there is more space."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.disks import mounted
from tests.workflow.repository import Repository
from tests.workflow.test_kills import COMMAND, identities

# KiB that are free, one run after the other: nothing at all; enough for the first records, for DVC.
ROOM = [0, 40, 300]


@pytest.mark.slow
def test_a_run_goes_on_once_there_is_space(ran: Repository, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", 1 << 26) as disk:
        repository = ran.duplicate(disk.path / "repository")
        for made in ("results", "site", "data/prepared"):
            shutil.rmtree(repository.path / made)
        for room in ROOM:
            disk.resize(disk.used() + room * 1024)
            answer = repository.run(*COMMAND)
            said = answer.stdout + answer.stderr
            assert answer.returncode == 1
            assert "Free some space on its disk, then run again." in said or "disk is full" in said
            assert "Traceback" not in said
        disk.resize(1 << 26)
        answer = repository.run(*COMMAND)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert identities(repository) == identities(ran)


@pytest.mark.slow
def test_the_run_browser_says_that_the_disk_is_full(ran: Repository, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", 1 << 26) as disk:
        repository = ran.duplicate(disk.path / "repository")
        disk.resize(disk.used() + (100 << 10))
        command = ("python", "-m", "common.run_browser", "--scale", "smoke")
        answer = repository.run(*command)
        assert answer.returncode == 1
        assert "Traceback" not in answer.stderr
        assert "Free some space on its disk" in answer.stderr
        disk.resize(1 << 27)
        answer = repository.run(*command)
        assert answer.returncode == 0, answer.stderr
