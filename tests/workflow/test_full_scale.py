"""All full-scale runs in one call: in order, within a budget, killed in the middle and continued."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common.checkpoints import VARIABLE
from common.records.collected import read_collected
from tests.workflow.repository import ROOT, environment
from tests.workflow.toy_papers import write

PATIENCE = 60.0

WALK = {
    "experiments/chance/walk/config.yaml": """\
paper: walk
track: chance
scales:
  full:
    seeds: 2
    steps:
      walk:
        entry: experiments.chance.walk.walk
        methods: {walking: {steps: 5}}
        artefact: place.txt
      unread:
        entry: experiments.chance.walk.walk
        methods: {walking: {steps: 1}}
        artefact: place.txt
        seeds: 1
      distance:
        entry: experiments.chance.walk.distance
        needs: [walk]
        methods: {absolute: {}, squared: {squared: true}}
      photographed:
        entry: experiments.chance.walk.distance
        needs: [walk]
        seeds: 1
        folders: [photographs]
        methods: {absolute: {}}
      lost:
        entry: experiments.chance.walk.distance
        needs: [walk]
        seeds: 1
        methods: {absolute: {is_lost: true}}
""",
    "experiments/chance/walk/walk.py": '''\
"""Step `walk`: steps up or down, each kept, slow where the root has a file called `slow`."""

import os
import time
from collections.abc import Iterator
from random import Random

from common.runs.job import Job, Result
from common.strict import StrictModel


class Settings(StrictModel):
    """How far."""

    steps: int


def run(job: Job[Settings]) -> Iterator[Result]:
    """Walk."""

    def step(number: int) -> int:
        with (job.root / "walked").open("a") as walked:
            walked.write(f"{os.getpid()} {job.seed} {number}\\n")
        if (job.root / "slow").exists():
            time.sleep(2)
        return Random(f"{job.seed} {number}").choice([-1, 1])

    numbers = range(job.settings.steps)
    steps = [job.checkpoints.kept(f"step {number}", lambda _, n=number: step(n)) for number in numbers]
    job.artefact.write_text(str(sum(steps)))
    yield Result(job.conditions[0], {"place": float(sum(steps))}, job.settings)
''',
    "experiments/chance/walk/distance.py": '''\
"""Step `distance`: how far from the start."""

from collections.abc import Iterator

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel


class Settings(StrictModel):
    """How it is measured."""

    squared: bool = False
    is_lost: bool = False


def run(job: Job[Settings]) -> Iterator[Result]:
    """Measure."""
    if job.settings.is_lost:
        raise BadInputError("Nobody knows where it ended.")
    place = int(job.inputs["walk"].read_text())
    distance = float(place**2 if job.settings.squared else abs(place))
    yield Result(job.conditions[0], {"distance": distance}, job.settings)
''',
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A root with the code in common/, and one paper of its own."""
    (tmp_path / "common").symlink_to(ROOT / "common")
    write(WALK, tmp_path)
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "common.full_scale", *arguments]


def call(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**environment(project), VARIABLE: "0"}
    return subprocess.run(
        command(*arguments), cwd=project, env=surroundings, capture_output=True, text=True, check=False
    )


def finished(answer: subprocess.CompletedProcess[str]) -> list[str]:
    return re.findall(r"^ +\d+ s +(\S+, seed \d+): finished$", answer.stdout, flags=re.MULTILINE)


def identities(project: Path, out: str = "recorded_here") -> dict[str, str]:
    """Path of each recorded line -> its hash without cost and dates."""
    [path] = (project / out / "papers/walk/recorded").glob("*.jsonl")
    return {line.path: line.record.identity() for line in read_collected(path)}


def steps_walked(project: Path, seed: int) -> list[int]:
    lines = [line.split() for line in (project / "walked").read_text().splitlines()]
    return [int(number) for _, which, number in lines if int(which) == seed]


def test_all_jobs_run_in_order_and_are_recorded(project: Path) -> None:
    answer = call(project, "--out", "recorded_here")
    assert answer.returncode == 1
    assert finished(answer) == [
        "walk/unread/walking, seed 0",
        "walk/walk/walking, seed 0",
        "walk/distance/absolute, seed 0",
        "walk/distance/squared, seed 0",
        "walk/walk/walking, seed 1",
        "walk/distance/absolute, seed 1",
        "walk/distance/squared, seed 1",
    ]
    assert "walk/lost/absolute, seed 0: FAILED with status 1" in answer.stdout
    assert "Nobody knows where it ended." in answer.stdout
    assert "left: walk/lost/absolute, seed 0 (failed)" in answer.stdout
    assert "left out: walk/photographed/absolute, seed 0: add --folder photographs=<path>" in answer.stdout
    assert len(identities(project)) == 7
    assert not list((project / "results/full/walk").glob("checkpoints/*/*/*"))

    again = call(
        project, "walk/distance/squared", "walk/photographed", "--folder", f"photographs={project}/papers"
    )
    assert finished(again) == []


def test_targets_seeds_and_folders_are_chosen(project: Path) -> None:
    (project / "photographs").mkdir()
    answer = call(project, "walk/photographed", "walk/distance/squared", "--seed=1", "--parallel=2")
    assert finished(answer) == ["walk/walk/walking, seed 1", "walk/distance/squared, seed 1"]
    answer = call(project, "walk/photographed", "--folder=photographs=photographs", "--out=recorded_here")
    assert answer.returncode == 0, answer.stderr
    assert finished(answer) == ["walk/walk/walking, seed 0", "walk/photographed/absolute, seed 0"]


def test_what_was_recorded_before_stays(project: Path) -> None:
    assert call(project, "walk/walk", "--seed=0", "--out=recorded_here").returncode == 0
    before = identities(project)
    for path in (project / "results/full/walk").rglob("*.json"):
        path.unlink()
    assert call(project, "walk/walk", "--seed=1", "--out=recorded_here").returncode == 0
    assert len(identities(project)) == 2
    assert before.items() <= identities(project).items()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["walk/wlak"], "walk/wlak: no such step at scale full. Did you mean 'walk'?"),
        (["walk/walk/wlaking"], "walk/walk/wlaking: no such method. Did you mean 'walking'?"),
        (["wlak"], "There is no paper 'wlak' under experiments/. Did you mean 'walk'?"),
        (["--budget", "soon"], "'soon' is no duration; write one as 90s, 25m or 1.5h."),
    ],
)
def test_mistakes_end_in_a_sentence(project: Path, arguments: list[str], sentence: str) -> None:
    assert call(project, *arguments).stderr == f"error: {sentence}\n"


@pytest.mark.slow
def test_the_budget_ends_the_call_and_the_next_goes_on(project: Path) -> None:
    (project / "slow").touch()
    answer = call(project, "walk/walk", "--seed=0", "--budget=5s", "--out=recorded_here")
    assert answer.returncode == 0, answer.stderr
    assert "walk/walk/walking, seed 0: stopped, to go on in the next call" in answer.stdout
    assert "left: walk/walk/walking, seed 0" in answer.stdout
    (project / "slow").unlink()
    answer = call(project, "walk/walk", "--seed=0", "--out=recorded_here")
    assert finished(answer) == ["walk/walk/walking, seed 0"]
    assert len(steps_walked(project, 0)) <= 6  # at most the one in which it was stopped, twice


@pytest.mark.slow
def test_a_call_that_is_killed_is_continued(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    undisturbed = tmp_path_factory.mktemp("undisturbed")
    (undisturbed / "common").symlink_to(ROOT / "common")
    write(WALK, undisturbed)
    assert call(undisturbed, "walk/walk", "walk/distance", "--out=recorded_here").returncode == 0

    (project / "slow").touch()
    started = subprocess.Popen(
        command("walk/walk", "walk/distance", "--parallel=2"),
        cwd=project,
        env={**environment(project), VARIABLE: "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + PATIENCE
    while not list(project.glob("results/full/walk/checkpoints/walk/walking/seed*/*/step 1.pt")):
        assert time.monotonic() < end, "no checkpoint was written"
        time.sleep(0.02)
    started.kill()
    started.wait(PATIENCE)
    assert "are at work; wait for them, or end them" in call(project, "walk/walk").stderr
    for job in {line.split()[0] for line in (project / "walked").read_text().splitlines()}:
        os.kill(int(job), signal.SIGKILL)
    (project / "slow").unlink()
    answer = call(project, "walk/walk", "walk/distance", "--out=recorded_here")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert identities(project) == identities(undisturbed)
    assert min(len(steps_walked(project, seed)) for seed in range(2)) <= 6
