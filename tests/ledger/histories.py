"""Made-up jobs and pasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.ledger.kinds import RunName
from common.ledger.observing import PlannedJob
from common.ledger.past import Observation, Past
from common.ledger.progress import Progress

TWO_CORES = {"_cores": 2}


def run_job(number: int, method: str = "ft", seeds: Sequence[int] = (0,), **more: object) -> PlannedJob:
    """A job of runs of one method at some seeds; `more` are fields of PlannedJob."""
    receipts = tuple(f"results/smoke/toys/receipts/training/{method}/seed{seed}.json" for seed in seeds)
    fields = {"waits_for": (), "threads": 1, **more}
    return PlannedJob(number, f"{method}, seeds {seeds}", receipts, **fields)  # type: ignore[arg-type]


def table_job(number: int, name: str = "main", waits_for: tuple[int, ...] = ()) -> PlannedJob:
    return PlannedJob(number, f"toys: table {name}", (f"results/smoke/toys/tables/{name}.md",), waits_for, 1)


def run_of(method: str, seed: int = 0) -> RunName:
    return RunName("toys", "training", method, seed)


def past_of(**seconds: float | Sequence[float]) -> Past:
    """A past in which each method's seed 0 took so long, once or each time."""
    past = Past()
    for method, took in seconds.items():
        for each in [took] if isinstance(took, int | float) else took:
            past.add_run(run_of(method), Observation(each, memory_mib=100.0, bytes=1000))
    return past


class Listener:
    """A teller that keeps what it is told, and has no terminal."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.warned: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)

    def warn(self, line: str) -> None:
        self.warned.append(line)

    def open_display(self, progress: Progress) -> Callable[[], None] | None:
        return None


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
