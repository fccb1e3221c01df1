"""Kill -9 at any point of a run: the next one ends with the records of a run that nobody disturbed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from common.records.collected import read_collected
from tests.workflow.repository import Repository, environment

COMMAND = ["snakemake", "--config", "papers=coin_toss,dice", "scale=smoke"]
KILLS = 20
LONGEST = 9.0  # seconds into the run; the whole takes some more


def identities(repository: Repository) -> dict[str, str]:
    """Path of each collected record -> its hash without cost and dates."""
    results = repository.path / "results" / "smoke"
    return {
        line.path: line.record.identity()
        for paper in ("coin_toss", "dice")
        for line in read_collected(results / paper / "records.jsonl")
    }


def forget_everything_made(repository: Repository) -> None:
    for name in ("results", "site", "data/prepared", ".snakemake"):
        shutil.rmtree(repository.path / name, ignore_errors=True)


def start_and_kill(repository: Repository, after: float) -> None:
    """Start Snakemake in a process group of its own, and kill the group with all that it has started."""
    snakemake = subprocess.Popen(
        COMMAND,
        cwd=repository.path,
        env=environment(repository.path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(after)
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.wait(60)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_a_killed_run_is_completed_by_the_next(ran: Repository, tmp_path: Path, part: int) -> None:
    undisturbed = identities(ran)
    repository = ran.duplicate(tmp_path / "repository")
    moments = random.Random(part)
    for _ in range(KILLS // 4):
        forget_everything_made(repository)
        start_and_kill(repository, moments.uniform(0.5, LONGEST))
        answer = repository.run(*COMMAND)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert identities(repository) == undisturbed
