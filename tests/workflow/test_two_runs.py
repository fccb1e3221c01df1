"""Two runs at once: of different papers they do not hinder each other, of one paper the later is refused."""

from __future__ import annotations

import os
import signal
import subprocess

from tests.workflow.repository import Repository
from tests.workflow.test_interruption import COMMAND, PATIENCE, start_until_asleep
from tests.workflow.toy_papers import NAP, write


def stop(snakemake: subprocess.Popen[bytes], job: int) -> None:
    for process in (snakemake.pid, job):
        os.kill(process, signal.SIGKILL)
    snakemake.wait(PATIENCE)


def test_another_run_of_a_paper_is_refused_and_of_another_paper_is_not(repository: Repository) -> None:
    write(NAP, repository.path)
    snakemake, job = start_until_asleep(repository)
    try:
        answer = repository.run(*COMMAND)
        assert answer.returncode == 1
        said = answer.stdout + answer.stderr
        assert "Another run is at work on nap at smoke scale in this folder. Wait until it has ended" in said
        assert "Traceback" not in said
        assert repository.run(*COMMAND, "--dry-run").returncode == 0
        repository.replace("experiments/chance/rounding.py", "round(value, 9)", "round(value, 8)")
        assert repository.snakemake("dice", papers="dice").returncode == 0
        assert snakemake.poll() is None
        (repository.path / "awake").touch()
        assert snakemake.wait(PATIENCE) == 0
    finally:
        if snakemake.poll() is None:
            stop(snakemake, job)


def test_a_job_that_outlives_its_run_is_told_of(repository: Repository) -> None:
    write(NAP, repository.path)
    snakemake, job = start_until_asleep(repository)
    try:
        snakemake.kill()
        snakemake.wait(PATIENCE)
        answer = repository.run(*COMMAND)
        assert answer.returncode == 1
        assert "A job of nap is still at work, started by hand or left behind by a run that was killed." in (
            answer.stdout + answer.stderr
        )
    finally:
        os.kill(job, signal.SIGKILL)
    (repository.path / "awake").touch()
    assert repository.run(*COMMAND).returncode == 0
