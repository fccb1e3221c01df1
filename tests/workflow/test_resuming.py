"""A training is killed by kill -9 in the middle, and the next run goes on from its checkpoint."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from common.checkpoints import VARIABLE
from common.records.schema import Record
from tests.workflow.repository import Repository, environment
from tests.workflow.toy_training import write_toy_training

JOB = "original/training/seed0"
TARGET = "results/smoke/toy_training/records.jsonl"
COMMAND = ["snakemake", TARGET, "--config", "papers=toy_training", "scale=smoke"]
PATIENCE = 60.0


def record(results: Path) -> Record:
    [path] = [path for path in (results / "records" / JOB).glob("*.json") if "curves" not in path.name]
    return Record.model_validate_json(path.read_text())


def kill_after_checkpoints(repository: Repository, checkpoints: Path, count: int) -> None:
    """Start Snakemake; kill it, and all that it has started, once a checkpoint was written `count` times."""
    snakemake = subprocess.Popen(
        COMMAND,
        cwd=repository.path,
        env={**environment(repository.path), VARIABLE: "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + PATIENCE
    seen: set[int] = set()
    while len(seen) < count:
        assert snakemake.poll() is None, "Snakemake ended before its job was killed"
        assert time.monotonic() < end, "the job wrote no checkpoint"
        seen |= {path.stat().st_mtime_ns for path in checkpoints.rglob("*.pt")}
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.wait(PATIENCE)


@pytest.mark.slow
def test_a_killed_training_goes_on_and_leaves_the_same(repository: Repository) -> None:
    write_toy_training(repository)
    results = repository.path / "results/smoke/toy_training"
    answer = repository.run(*COMMAND)
    assert answer.returncode == 0, answer.stderr
    undisturbed, artefact = record(results), (results / "artefacts" / JOB / "original.pt").read_bytes()
    assert not undisturbed.cost.resumed
    shutil.rmtree(results)
    for count in (1, 3):
        kill_after_checkpoints(repository, results / "checkpoints", count)
        assert not list((results / "records" / JOB).glob("*.json"))
    answer = repository.run(*COMMAND)
    assert answer.returncode == 0, answer.stderr
    assert record(results).identity() == undisturbed.identity()
    assert record(results).cost.resumed
    assert (results / "artefacts" / JOB / "original.pt").read_bytes() == artefact
    assert not list(results.glob("checkpoints/*/*/*"))
