"""Step `ways`: how fast an ensemble runs here, in each way; the others read which one was chosen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.unlearning.data_diet.settings import DietTraining, Way
from experiments.unlearning.data_diet.timed_way import AnyWay, TimedWay

WAYS: tuple[Way, ...] = get_args(Way)
NEAR = 1.1  # as good as the fastest: noise of a shared machine shouldn't change the choice


class Settings(StrictModel):
    """What is timed.

    Attributes:
        networks: of the ensemble.
        steps: of each network in a turn.
        rounds: turns of each way.
    """

    network: str
    side: int = Field(ge=1)
    channels: int = Field(ge=1)
    classes: int = Field(ge=2)
    networks: int = Field(ge=1)
    training: DietTraining
    steps: int = Field(ge=1)
    rounds: int = Field(ge=1)


class WayFacts(StrictModel):
    """What makes two times comparable, besides the machine."""

    network: str
    networks: int
    side: int
    batch_size: int
    way: str
    deterministic: bool = False


@dataclass
class Measured:
    """One way's times: the first call with its compilation, and a step of all networks in each round."""

    first_call: float
    memory_mib: float
    steps: list[float] = field(default_factory=list)

    @property
    def best(self) -> float:
        """Seconds; what else runs on the machine only ever adds to them."""
        return min(self.steps)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Time all ways in turns, keep the name of the one to use as the artefact, and yield each one's times."""
    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its choice in: name it way.json.")
    settings = job.settings
    ways: dict[AnyWay, Measured] = _measure(settings, job.root)
    choice = chosen(ways)
    job.artefact.write_text(json.dumps({"way": choice}))
    for condition in job.conditions:
        name = str(condition["way"])
        measured = {str(way): found for way, found in ways.items()}.get(name)
        if measured is None:
            raise BadInputError(f"Step '{job.step}' can't time the way '{name}'; it knows {', '.join(ways)}.")
        yield Result(
            condition=condition,
            metrics={
                "step_milliseconds": 1000 * measured.best,
                "first_call_seconds": measured.first_call,
                "memory_mib": measured.memory_mib,
                "chosen": float(name == choice),
            },
            protocol=WayFacts(
                network=settings.network, networks=settings.networks, side=settings.side,
                batch_size=settings.training.batch_size, way=name,
            ),
            curves={"step_milliseconds": [1000 * seconds for seconds in measured.steps]},
        )  # fmt: skip


def chosen(ways: Mapping[AnyWay, Measured]) -> Way:
    """The first of the ways of JAX, in the order of `WAYS`, that is about as fast as the fastest."""
    fastest = min(ways[way].best for way in WAYS)
    return next(way for way in WAYS if ways[way].best <= NEAR * fastest)


def _measure(settings: Settings, root: Path) -> dict[AnyWay, Measured]:
    """Start a process for each way, and let them take turns."""
    with ExitStack() as stack:
        processes = {way: stack.enter_context(_started(settings, way, root)) for way in get_args(AnyWay)}
        found: dict[AnyWay, Measured] = {way: _warmed_up(each) for way, each in processes.items()}
        for _ in range(settings.rounds):
            for way, process in processes.items():
                assert process.stdin is not None
                process.stdin.write("steps\n")
                process.stdin.flush()
                found[way].steps.append(_answer(process)[0] / settings.steps)
        for process in processes.values():
            assert process.stdin is not None
            process.stdin.close()
    return found


def _started(settings: Settings, way: AnyWay, root: Path) -> subprocess.Popen[str]:
    shared = settings.model_dump(exclude={"rounds"})
    timed = TimedWay(way=way, **shared).model_dump_json()
    command = [sys.executable, "-m", "experiments.unlearning.data_diet.timed_way", timed]
    return subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _warmed_up(process: subprocess.Popen[str]) -> Measured:
    first_call, memory_mib = _answer(process)
    return Measured(first_call, memory_mib)


def _answer(process: subprocess.Popen[str]) -> list[float]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"A timed training ended with exit status {process.wait()}; its error is above.")
    return [float(number) for number in line.split()]
