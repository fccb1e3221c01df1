"""Ways of training on a processor, in processes of their own that take turns on the same machine."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from common.allocator import TUNABLES
from common.benchmark.entries import Row
from common.training.timed_training import Way

FEWEST_ROUNDS, MOST_ROUNDS = 5, 15
BUDGET = 45.0  # seconds, after which only the fewest rounds are made: threads on a busy machine are slow
ALLOCATOR = "GLIBC_TUNABLES"  # the variable; common/rules/starting.py sets it for jobs

Processes = list[subprocess.Popen[str]]


class Turn(NamedTuple):
    """An epoch of all jobs of a way at once."""

    rate: float  # images per second
    processor: float  # seconds per image


def take_turns(ways: Sequence[Way], budget: float = BUDGET) -> list[Row]:
    """A row for each way: images per second of its jobs together in the best round, and ratios to the first.

    A round lets each way train an epoch, in turn; ratios are taken within rounds, of which there is a median.
    """
    with ExitStack() as stack:
        waiting = [stack.enter_context(_started(way)) for way in ways]
        start = time.perf_counter()
        turns: list[list[Turn]] = []
        while len(turns) < FEWEST_ROUNDS or (
            len(turns) < MOST_ROUNDS and time.perf_counter() - start < budget
        ):
            turns.append([_turn(way, processes) for way, (processes, _) in zip(ways, waiting, strict=True)])
    by_way = list(zip(*turns, strict=True))
    return [
        _row(way, started, found, by_way[0])
        for way, (_, started), found in zip(ways, waiting, by_way, strict=True)
    ]


@contextmanager
def _started(way: Way) -> Iterator[tuple[Processes, float]]:
    """The processes of the way, once all are ready, and the seconds that it took; they end with the block."""
    command = [sys.executable, "-m", "common.training.timed_training", way.model_dump_json()]
    start = time.perf_counter()
    processes = [
        subprocess.Popen(
            command, env=_environment(way), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(way.jobs)
    ]
    try:
        _answers(processes)
        yield processes, time.perf_counter() - start
    finally:
        for process in processes:
            process.communicate()


def _environment(way: Way) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != ALLOCATOR}
    return (
        inherited | {"OMP_NUM_THREADS": str(way.threads)} | ({ALLOCATOR: TUNABLES} if way.allocator else {})
    )


def _turn(way: Way, processes: Processes) -> Turn:
    start = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("epoch\n")
        process.stdin.flush()
    spent = sum(_answers(processes))
    images = way.jobs * way.steps * way.batch
    return Turn(images / (time.perf_counter() - start), spent / images)


def _answers(processes: Processes) -> list[float]:
    """Wait for each to say what processor time it spent."""
    spent = []
    for process in processes:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"A training ended with exit status {process.wait()}; its error is above.")
        spent.append(float(line))
    return spent


def _row(way: Way, started: float, turns: Sequence[Turn], first: Sequence[Turn]) -> Row:
    ratios = [turn.rate / other.rate for turn, other in zip(turns, first, strict=True)]
    return {
        "network": f"{way.network}, {way.side} x {way.side} x {way.channels}, batches of {way.batch}",
        "way": _in_words(way),
        "images per second": max(turn.rate for turn in turns),
        "times as fast": statistics.median(ratios),
        "lowest": min(ratios),
        "highest": max(ratios),
        "processor µs per image": 1e6 * min(turn.processor for turn in turns),
        "seconds to start": started,
    }


def _in_words(way: Way) -> str:
    jobs = (
        f"{way.jobs} job{'s' if way.jobs > 1 else ''} of {way.threads} thread{'s' if way.threads > 1 else ''}"
    )
    kinds = [way.layout, "compiled" if way.compiled else "eager", way.precision]
    return ", ".join([jobs, *kinds, *([] if way.allocator else ["glibc's default allocation"])])
