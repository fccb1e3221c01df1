"""A job and then Snakemake itself are killed in the middle; nothing half-made is taken for whole."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.workflow.jobs import DATA, DICE_VERDICTS
from tests.workflow.repository import Repository, environment
from tests.workflow.toy_papers import NAP, write

COMMAND = ["snakemake", "--config", "papers=nap", "scale=smoke"]
PATIENCE = 60.0


def start_until_asleep(repository: Repository) -> tuple[subprocess.Popen[bytes], int]:
    """Start Snakemake; return it, and the process of its job, once that has written half of its results."""
    asleep = repository.path / "asleep"
    asleep.unlink(missing_ok=True)
    surroundings = environment(repository.path)
    snakemake = subprocess.Popen(
        COMMAND,
        cwd=repository.path,
        env=surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + PATIENCE
    while not (asleep.exists() and asleep.read_text()):
        assert snakemake.poll() is None, "Snakemake ended before its job fell asleep"
        assert time.monotonic() < end, "the job never fell asleep"
        time.sleep(0.05)
    return snakemake, int(asleep.read_text())


def made(repository: Repository) -> set[str]:
    """Names of all files that the job has left under their final names."""
    folder = repository.path / "results/smoke/nap"
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    return {name for name in names if not name.endswith((".part", ".lock"))}


def test_what_was_killed_is_made_again(repository: Repository) -> None:
    write(NAP, repository.path)
    records = repository.path / "results/smoke/nap/records/sleep/sleeping/seed0"
    artefact = repository.path / "results/smoke/nap/artefacts/sleep/sleeping/seed0/dream.txt"

    snakemake, job = start_until_asleep(repository)
    assert made(repository) == {"half=1.json"}
    os.kill(job, signal.SIGKILL)
    assert snakemake.wait(PATIENCE) == 1
    assert made(repository) == set()

    snakemake, job = start_until_asleep(repository)
    snakemake.kill()
    os.kill(job, signal.SIGKILL)
    snakemake.wait(PATIENCE)
    assert made(repository) == {"half=1.json"}

    (repository.path / "awake").touch()
    answer = repository.run(*COMMAND)
    assert answer.returncode == 0, answer.stderr
    assert [json.loads((records / f"half={half}.json").read_text())["metrics"] for half in (1, 2)] == [
        {"value": 1.0},
        {"value": 2.0},
    ]
    assert artefact.read_text() == "half a dream, and the other half"
    assert len(Path(repository.path / "results/smoke/nap/records.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("pinned", [True, False])
def test_data_made_by_a_snakemake_that_was_killed_then_do_not_hide_what_is_missing(
    repository: Repository, pinned: bool
) -> None:
    """Snakemake notes that a job has begun in a file, and deletes that when the job has ended."""
    faces = "data/prepared/toy_faces/faces.npy"
    marker = repository.path / ".snakemake/incomplete" / base64.b64encode(faces.encode()).decode()
    marker.parent.mkdir(exist_ok=True)
    marker.touch()
    (repository.path / "results/smoke/dice/verdicts.json").unlink()
    if pinned:
        assert DICE_VERDICTS in repository.plan()
        assert DATA not in repository.plan()
    else:
        [pin] = (repository.path / "data/prepared/.pins").glob("toy_faces-*")
        pin.unlink()
        (repository.path / faces).write_bytes(b"half an arr")
        assert {DATA, DICE_VERDICTS} <= repository.plan()
