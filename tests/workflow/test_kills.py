"""Kill -9 at each kind of point of a run: the next ends with the records of a run that nobody disturbed."""

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
LONGEST = 0.4  # seconds after the file that a kill waits for, by when the next is being made
# One file of each kind, in about the order in which a run makes them.
KINDS = [
    ".snakemake/log",
    "results/smoke/dice/.run.lock",
    ".snakemake/incomplete",
    "results/smoke/coin_toss/records/tosses/leaded/seed2/all.json",
    "results/smoke/coin_toss/receipts/tosses/fair/seed0.json",
    "data/prepared/toy_faces",
    "data/prepared/toy_faces/faces.npy",
    "data/prepared/.pins",
    "results/smoke/dice/artefacts/rolls/rolling/seed0/rolls.json",
    "results/smoke/dice/receipts/estimates/mean/seed1.json",
    "results/smoke/coin_toss/records.jsonl",
    "results/smoke/dice/records.jsonl",
    "results/smoke/dice/verdicts.json",
    "results/smoke/dice/tables/errors.md",
    "results/smoke/dice/tables/guesses.csv",
    "results/smoke/dice/figures/guesses.svg",
    "results/smoke/dice/report.pdf",
    "site/smoke/coin_toss/heads.html",
    "site/smoke/dice/summary.json",
    "site/smoke/index.html",
]
PATIENCE = 120.0


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


def start_and_kill(repository: Repository, sign: str, after: float) -> None:
    """Start Snakemake in a process group of its own; kill that, `after` seconds past the file `sign`."""
    snakemake = subprocess.Popen(
        COMMAND,
        cwd=repository.path,
        env=environment(repository.path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + PATIENCE
    while not (repository.path / sign).exists():
        assert snakemake.poll() is None, f"Snakemake ended without {sign}"
        assert time.monotonic() < end, f"there never was {sign}"
        time.sleep(0.002)
    time.sleep(after)
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.wait(60)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_a_killed_run_is_completed_by_the_next(ran: Repository, tmp_path: Path, part: int) -> None:
    undisturbed = identities(ran)
    repository = ran.duplicate(tmp_path / "repository")
    moments = random.Random(part)
    assert len(KINDS) == 20
    for sign in KINDS[part::4]:
        forget_everything_made(repository)
        start_and_kill(repository, sign, moments.uniform(0, LONGEST))
        answer = repository.run(*COMMAND)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert identities(repository) == undisturbed
