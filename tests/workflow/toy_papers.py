"""Papers small enough to run in a second: the one of CONTRIBUTING.md, and two written here.

`dice` has what a real paper may have: a data set with a stage of its own, an artefact handed from step to
step, methods that are modules, a baseline of the track, a module that one of them imports, two tables, a
figure. `nap` sleeps in the middle of its run, so that it can be killed there.
"""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "CONTRIBUTING.md"


def files_of_guide() -> dict[str, str]:
    """Path -> content of every code block of CONTRIBUTING.md; the line before a block names its path."""
    blocks = re.findall(r"^([^\n]+)\n```\w+\n(.*?)^```$", GUIDE.read_text(), flags=re.MULTILINE | re.DOTALL)
    return {
        re.findall(r"`((?:experiments|papers)/[^`<]+\.\w+)`", before)[0]: block for before, block in blocks
    }


def commands_of_guide() -> list[list[str]]:
    """The arguments of every `snakemake` that CONTRIBUTING.md tells the reader to type."""
    return [command.split() for command in re.findall(r"`snakemake ([^`]+)`", GUIDE.read_text())]


def write(files: dict[str, str], root: Path) -> None:
    """Write each file below `root`, making its folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


FACES_STAGE = """
  faces:
    cmd: PATH=".venv/bin:$PATH" python -m experiments.chance.prepare_faces
    outs:
      - data/prepared/toy_faces
      - data/manifests/toy_faces.json: {cache: false, persist: true}
"""

DICE = {
    "experiments/chance/prepare_faces.py": '''\
"""Prepare the faces of a die."""

from pathlib import Path

import numpy as np

from common.data.prepare import write_prepared

if __name__ == "__main__":
    write_prepared("toy_faces", [("faces", np.arange(1, 7, dtype=np.uint8))], Path(), facts={"sides": 6})
''',
    "experiments/chance/rounding.py": '''\
"""What one baseline imports."""


def rounded(value: float) -> float:
    """To nine digits."""  # whatever the scale
    return round(value, 9)
''',
    "experiments/chance/baselines/mean.py": '''\
"""The mean."""

from experiments.chance.rounding import rounded


def estimate(rolls: list[int]) -> float:
    """Of all rolls."""
    return rounded(sum(rolls) / len(rolls))
''',
    "experiments/chance/dice/methods/midrange.py": '''\
"""The middle between the smallest and the largest."""


def estimate(rolls: list[int]) -> float:
    """Of all rolls."""
    return (min(rolls) + max(rolls)) / 2
''',
    "experiments/chance/dice/rolls.py": '''\
"""Step `rolls`: roll the die, and leave the rolls for later steps."""

import json
from collections.abc import Iterator
from random import Random

from common.data.arrays import load
from common.runs.job import Job, Result
from common.strict import StrictModel


class Settings(StrictModel):
    """How often."""

    count: int


class Facts(StrictModel):
    """Sides of the die."""

    sides: int


def run(job: Job[Settings]) -> Iterator[Result]:
    """Roll."""
    faces = load("toy_faces", job.root)["faces"].tolist()
    rolls = Random(job.seed).choices(faces, k=job.settings.count)
    job.artefact.write_text(json.dumps(rolls))
    yield Result(job.conditions[0], {"mean": sum(rolls) / len(rolls)}, Facts(sides=len(faces)))
''',
    "experiments/chance/dice/estimates.py": '''\
"""Step `estimates`: guess the mean face from the first rolls."""

import json
from collections.abc import Iterator

from common.runs.job import Job, Result
from common.strict import StrictModel


class Settings(StrictModel):
    """What the guess is off by."""

    offset: float = 0.0


class Facts(StrictModel):
    """Sides of the die."""

    sides: int = 6


def run(job: Job[Settings]) -> Iterator[Result]:
    """Guess once for each number of rolls."""
    rolls = json.loads(job.inputs["rolls"].read_text())
    for condition in job.conditions:
        guess = job.implementation.estimate(rolls[: condition["count"]]) + job.settings.offset
        yield Result(condition, {"error": abs(guess - 3.5), "guess": guess}, Facts())
''',
    "experiments/chance/dice/config.yaml": """\
paper: dice
track: chance
scales:
  smoke:
    seeds: 2
    steps:
      rolls:
        entry: experiments.chance.dice.rolls
        methods: {rolling: {}}
        settings: {count: 40}
        artefact: rolls.json
        datasets: [toy_faces]
      estimates:
        entry: experiments.chance.dice.estimates
        needs: [rolls]
        method_modules: true
        methods:
          mean: {offset: 0.0}
          midrange: {offset: 0.0}
        conditions: [{count: [10, 40]}]
      measured: # by hand, in a folder of the user's
        entry: experiments.chance.dice.estimates
        methods: {mean: {}}
        needs: [rolls]
        method_modules: true
        folders: [dice_photographs]
        conditions: [{count: [10]}]
""",
    "papers/dice/paper.yaml": """\
{id: dice, track: chance, title: On the criterion, authors: [Karl Pearson], year: 1900,
  venue: Philosophical Magazine, summary: The mean of many rolls is near the middle.}
""",
    "papers/dice/claims.yaml": """\
claims:
  - {id: near_the_middle, kind: effect, statement: The midrange of forty rolls is off by less than one.,
      where: p. 1, unit: faces, every: [{constant: 1.0, expected: negative,
        minuend: {step: estimates, method: midrange, metric: error, where: {count: 40}}}]}
""",
    "papers/dice/published.yaml": """\
tables:
  - {id: printed, source: Table 1, protocol: {sides: 6}, columns: {few: few},
      rows: [{id: mean, label: Mean, values: [0.5]}]}
""",
    "papers/dice/tables.yaml": """\
tables:
  - {id: errors, title: Errors, caption: How far off, reproduces: Table 1, step: estimates, metric: error,
      unit: faces, decimals: 2, better: lower, published: printed,
      rows: [{id: mean, label: Mean, method: mean}], columns: [{id: few, label: few, where: {count: 10}}]}
  - {id: guesses, title: Guesses, caption: What was guessed, reproduces: Table 2, step: estimates,
      metric: guess, unit: faces, decimals: 2, better: lower,
      rows: [{id: mean, label: Mean, method: mean}],
      columns: [{id: many, label: many, where: {count: 40}}]}
""",
    "papers/dice/figures/guesses.py": '''\
"""Every guess as a point."""

TITLE = "Guesses"
CAPTION = "One point per guess."
REPRODUCES = "Figure 1"


def draw(collected, figure):
    """Draw."""
    guesses = [line.record.metrics["guess"] for line in collected if "guess" in line.record.metrics]
    figure.subplots().plot(guesses, "o")
''',
}

NAP = {
    "experiments/chance/nap/config.yaml": """\
paper: nap
track: chance
scales:
  smoke:
    seeds: 1
    steps:
      sleep:
        entry: experiments.chance.nap.sleep
        methods: {sleeping: {}}
        artefact: dream.txt
        conditions: [{half: [1, 2]}]
""",
    "experiments/chance/nap/sleep.py": '''\
"""Step `sleep`: yield half of the results, then sleep for as long as there is no file called `awake`."""

import os
import time
from collections.abc import Iterator

from common.runs.job import Job, Result
from common.strict import StrictModel


class Settings(StrictModel):
    """None."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Sleep between the two halves."""
    job.artefact.write_text("half a dre")
    yield Result(job.conditions[0], {"value": 1.0}, job.settings)
    (job.root / "asleep").write_text(str(os.getpid()))
    while not (job.root / "awake").exists():
        time.sleep(0.05)
    job.artefact.write_text("half a dream, and the other half")
    yield Result(job.conditions[1], {"value": 2.0}, job.settings)
''',
    "papers/nap/paper.yaml": """\
{id: nap, track: chance, title: Dreaming, authors: [William Dement], year: 1957, venue: JEP, summary: Sleep.}
""",
}
