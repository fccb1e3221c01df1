"""Runs through a real Slurm of two nodes: the records of a local run, whatever becomes of the jobs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from common.records.schema import Record
from tests.cluster.runs import Submitting, ended, kill_process, slurm_jobs, until
from tests.workflow.repository import ROOT, commit, copy_repository
from tests.workflow.toy_papers import NAP, files_of_guide, write

pytestmark = pytest.mark.slow

# Of every step of a real paper the records of a method, or of two.
RECORDS = [
    "source_network/training/seed{seed}/all.json",
    "adaptation/rpl/seed{seed}/split=test+corruption=fog+severity=5.json",
    "two_points/entropy/seed0/learning_rate=0.1+momentum=0.9+start_1=0.5+start_2=0.5.json",
]
TARGETS = sorted(
    {
        f"results/smoke/self_learning/records/{record.format(seed=seed)}"
        for record in RECORDS
        for seed in (0, 1)
    }
)


class Paper(NamedTuple):
    """A real paper that is being run through Slurm; one of its jobs has been killed."""

    root: Path
    run: subprocess.Popen[str]


@pytest.fixture(scope="module", autouse=True)
def paper(slurm: None, python: Path, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """Begun before the first test: most of its time it waits for the plugin to ask Slurm again."""
    if (mirror := ROOT.parent / "shared" / "data").is_dir():
        os.environ.setdefault("RESEARCH_DATA_MIRROR", str(mirror))
    repository = copy_repository(tmp_path_factory.mktemp("paper") / "repository")
    run = Submitting(repository, python).start("self_learning", *TARGETS)
    until(lambda: kill_process(repository.path, "self_learning source_network"), "a job to kill")
    return Paper(repository.path, run)


@pytest.fixture
def toys(python: Path, tmp_path: Path) -> Submitting:
    """A repository of toy papers."""
    repository = copy_repository(tmp_path / "repository")
    write({**files_of_guide(), **NAP}, repository.path)
    commit(repository)
    return Submitting(repository, python)


def identities(root: Path) -> dict[str, str]:
    return {path: Record.model_validate_json((root / path).read_text()).identity() for path in TARGETS}


def nap_jobs() -> list[dict[str, str]]:
    """Slurm's facts on all jobs of the toy paper `nap`, the first first."""
    return [facts for _, facts in sorted(slurm_jobs().items()) if "rule_nap" in facts["Comment"]]


def test_two_runs_at_once(toys: Submitting) -> None:
    root = toys.repository.path
    napping = toys.start("nap")
    until(lambda: (root / "asleep").exists(), "the nap to begin")
    refused, _ = (again := toys.start("nap")).communicate()
    assert again.returncode == 1
    assert "Another run is at work on nap at smoke scale in this folder. Wait until it has ended" in refused
    ended(toys.start("coin_toss", "results/full/coin_toss/records/tosses/fair/seed0/all.json", scale="full"))
    [toss] = [facts for facts in slurm_jobs().values() if "rule_coin_toss" in facts["Comment"]]
    assert (toss["TresPerJob"], toss["TimeLimit"]) == ("gres:gpu:1", "1-00:00:00")
    (root / "awake").touch()
    ended(napping)
    assert "| nap | 1 fresh |" in (root / "results/receipt.md").read_text()


def test_a_run_that_is_interrupted_takes_its_jobs_along(toys: Submitting) -> None:
    napping = toys.start("nap")
    until(lambda: (toys.repository.path / "asleep").exists(), "the nap to begin")
    napping.send_signal(signal.SIGINT)
    napping.communicate(timeout=60)
    assert napping.returncode != 0
    until(lambda: nap_jobs()[-1]["JobState"] == "CANCELLED", "the job's end")


def test_a_job_that_waited_longer_than_its_run_lived_is_left_to_the_next(toys: Submitting) -> None:
    earlier = len(nap_jobs())
    subprocess.run(["scontrol", "update", "PartitionName=cpu", "State=DOWN"], check=True)
    try:
        (toys.repository.path / "awake").touch()
        first = toys.start("nap")
        until(lambda: len(nap_jobs()) == earlier + 1, "the first run's job")
        first.kill()
        first.communicate()
        second = toys.start("nap")
        until(lambda: len(nap_jobs()) == earlier + 2, "the second run's job")
    finally:
        subprocess.run(["scontrol", "update", "PartitionName=cpu", "State=UP"], check=True)
    ended(second)
    orphan, wanted = nap_jobs()[-2:]
    assert (orphan["JobState"], wanted["JobState"]) == ("FAILED", "COMPLETED")
    assert "another has been at work on nap since" in toys.log_of(int(orphan["JobId"]))


def test_a_real_paper_leaves_the_records_of_a_local_run_though_a_job_was_killed(
    paper: Paper, tmp_path: Path
) -> None:
    local = copy_repository(tmp_path / "local")
    shutil.copytree(paper.root / "data/prepared", local.path / "data/prepared", copy_function=os.link)
    answer = local.snakemake(*TARGETS, papers="self_learning")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    said = ended(paper.run)
    assert "Trying to restart job" in said
    assert identities(paper.root) == identities(local.path)
    jobs = [facts for facts in slurm_jobs().values() if facts["WorkDir"] == str(paper.root)]
    killed = {facts["Comment"] for facts in jobs if facts["JobState"] == "FAILED"}
    assert [facts["MinMemoryNode"] for facts in jobs if facts["Comment"] in killed] == ["2000M", "4000M"]
    receipt = json.loads((paper.root / "results/receipt.json").read_text())
    states = {job["state"] for paper in receipt["papers"] for job in paper["jobs"]}
    assert states == {"fresh", "not run"}
