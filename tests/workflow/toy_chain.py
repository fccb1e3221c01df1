"""A toy paper whose steps hang on each other by method and by gathering seeds: how full is an urn?"""

from __future__ import annotations

from tests.workflow.jobs import steps_collected

URN = {
    "experiments/chance/urn/filling.py": '''\
"""Step `urns`: fill an urn."""

import json
from collections.abc import Iterator
from random import Random

from common.runs.job import Job, Result
from common.strict import StrictModel


class Settings(StrictModel):
    """How many balls at most."""

    most: int


def run(job: Job[Settings]) -> Iterator[Result]:
    """Fill."""
    balls = Random(job.seed).randint(1, job.settings.most)
    job.artefact.write_text(json.dumps(balls))
    yield Result(job.conditions[0], {"balls": balls}, job.settings)
''',
    "experiments/chance/urn/drawing.py": '''\
"""Step `draws`: draw numbered balls from the urn."""

import json
from collections.abc import Iterator
from random import Random

from common.runs.job import Job, Result
from common.strict import StrictModel


class Settings(StrictModel):
    """Whether a ball returns to the urn before the next is drawn."""

    returned: bool


def run(job: Job[Settings]) -> Iterator[Result]:
    """Draw two."""
    balls = list(range(json.loads(job.inputs["urns"].read_text())))
    random = Random(job.seed)
    drawn = random.choices(balls, k=2) if job.settings.returned else random.sample([*balls, -1], k=2)
    job.artefact.write_text(json.dumps(drawn))
    yield Result(job.conditions[0], {"largest": max(drawn)}, job.settings)
''',
    "experiments/chance/urn/tuning.py": '''\
"""Step `tuning`: what the largest ball drawn is to be multiplied by."""

import json
from collections.abc import Iterator

from common.runs.job import Job, Result
from common.strict import StrictModel


class Settings(StrictModel):
    """None."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Choose a factor."""
    largest = max(json.loads(job.inputs["draws"].read_text()))
    factor = json.loads(job.inputs["urns"].read_text()) / (largest + 1 or 1)
    job.artefact.write_text(json.dumps(factor))
    yield Result(job.conditions[0], {"factor": factor}, job.settings)
''',
    "experiments/chance/urn/guessing.py": '''\
"""Step `guesses`: how many balls there are, by the mean of the factors."""

import json
from collections.abc import Iterator

from common.runs.job import Job, Result
from common.strict import StrictModel


class Settings(StrictModel):
    """None."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Guess."""
    factors = [json.loads(path.read_text()) for path in job.gathered["tuning"]]
    largest = max(json.loads(job.inputs["draws"].read_text()))
    yield Result(job.conditions[0], {"guess": largest * sum(factors) / len(factors)}, job.settings)
''',
    "experiments/chance/urn/config.yaml": """\
paper: urn
track: chance
scales:
  smoke:
    seeds: 3
    steps:
      urns:
        entry: experiments.chance.urn.filling
        methods: {filling: {}}
        settings: {most: 9}
        artefact: balls.json
      draws:
        entry: experiments.chance.urn.drawing
        needs: [urns]
        methods: {putting_back: {returned: true}, keeping: {returned: false}}
        artefact: drawn.json
      tuning:
        entry: experiments.chance.urn.tuning
        needs: [urns, draws]
        methods: {putting_back: {}, keeping: {}}
        seeds: 2
        artefact: factor.json
      guesses:
        entry: experiments.chance.urn.guessing
        needs: [draws]
        gathers: {tuning: 2}
        methods: {putting_back: {}, keeping: {}}
""",
    "papers/urn/paper.yaml": """\
{id: urn, track: chance, title: Serial Number Analysis, authors: [Leo A. Goodman], year: 1952, venue: JASA,
  summary: What is drawn tells what is in the urn.}
""",
}


def jobs(step: str, seeds: int, *methods: str, first: int = 0) -> set[str]:
    """What Snakemake says of a step's jobs, of both methods if none is named, at the seeds from `first`."""
    named = methods or (("filling",) if step == "urns" else ("putting_back", "keeping"))
    return {f"urn_{step}_{method}, seed {seed}" for method in named for seed in range(first, seeds)}


AFTER_RUNS = {"urn: collect the records", "urn: report", "urn: page", "Front page: site/smoke/index.html"}


def after(runs: set[str]) -> set[str]:
    """What is made again after these runs."""
    return steps_collected("urn", runs) | AFTER_RUNS
