"""Telling what a run will take before it begins, and how far it is while it lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Protocol

from common.ledger.durations import Lately, machine_name, read_durations, write_durations
from common.ledger.forecast import Forecast, Span
from common.ledger.kinds import kind_of
from common.ledger.observing import PlannedJob
from common.ledger.remembering import remember
from common.ledger.wording import announcement, conclusion, ended_line, started_line, total
from common.records.machine import machine_facts

_RECKONED_EVERY = 2.0  # seconds: a forecast of hundreds of jobs takes a tenth of that


class Teller(Protocol):
    """Where lines go, and whether there is a terminal that can show more than lines."""

    def say(self, line: str) -> None:
        """Write a line."""

    def warn(self, line: str) -> None:
        """Write a line that stands out."""

    def open_display(self, progress: Progress) -> Callable[[], None] | None:
        """Begin to show what runs right now; return what ends it, or None where there is no terminal."""


@dataclass(frozen=True)
class Running:
    """A job that runs: its name, for how long, for how long still (None where nothing is known)."""

    name: str
    elapsed: float
    left: float | None


class Progress:
    """The observer that tells of the forecast and of progress, and keeps how long jobs took.

    Args:
        root: of the project.
        results: folder of the scale, relative to `root`.
        limits: resource by Snakemake's name -> how much of it there is.
        teller: where the lines go.
        clock: seconds from some moment on.
    """

    def __init__(
        self,
        root: Path,
        results: Path,
        limits: Mapping[str, int],
        teller: Teller,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root, self._results, self._limits = root, results, limits
        self._teller, self._clock = teller, clock
        self._lock = RLock()  # a display reads, from a thread of its own, what the scheduler's thread writes
        self._jobs: dict[int, PlannedJob] = {}
        self._running: dict[int, float] = {}
        self._took: dict[int, float] = {}
        self._ended: set[int] = set()
        self._done = 0
        self._begun: float | None = None
        self._reckoned: tuple[float, Span] | None = None
        self._close_display: Callable[[], None] | None = None

    # ---- what Snakemake tells

    def planned(self, jobs: Sequence[PlannedJob]) -> None:
        """Say what will run and what it will take."""
        self._jobs = {job.id: job for job in jobs}
        self._machine = machine_name(machine_facts())
        past = remember(jobs, self._results, self._root, self._machine)
        paces = read_durations(self._root / self._results).paces.get(self._machine, [])
        self._forecast = Forecast(jobs, self._limits, past, paces)
        self._before = self._forecast.span()
        self._teller.say(announcement(jobs, self._forecast, self._before))

    def started(self, job: int) -> None:
        """Begin to count; in a log, say so."""
        with self._closing_on_error(), self._lock:
            self._running[job] = self._clock()
            self._ended.discard(job)  # it may have failed before, and be tried again
            seconds = self._forecast.job_seconds(job)
        if self._begun is None:
            self._begun = self._running[job]
            self._close_display = self._teller.open_display(self)
        if self._close_display is None:
            self._teller.say(started_line(self._jobs[job].name, seconds))

    def finished(self, job: int) -> None:
        """Say that a job is done, and what is left."""
        with self._closing_on_error(), self._lock:
            took = self._end(job)
            self._done += 1
            if took is not None:
                self._took[job] = took
                self._forecast.ended(job, took)
        self._teller.say(self._line("done", job, took))

    def failed(self, job: int) -> None:
        """Say that a job failed, so that it stands out."""
        with self._lock:
            took = self._end(job)
        self._teller.warn(self._line("FAILED", job, took))

    def ended(self, succeeded: bool) -> None:
        """Keep what jobs took; say what all took, beside the forecast."""
        self.close()
        if self._took:
            folder = self._root / self._results
            lately = {self._jobs[job].name: self._lately(job) for job in self._took}
            known = read_durations(folder).with_more(self._machine, lately, self._forecast.pace)
            write_durations(known, folder)
        if succeeded and self._begun is not None:
            self._teller.say(conclusion(self._clock() - self._begun, self._before, len(self._jobs)))

    def close(self) -> None:
        """Take the display away, if there is one."""
        if self._close_display is not None:
            close, self._close_display = self._close_display, None
            close()

    # ---- what a display shows

    def running(self) -> list[Running]:
        """The jobs that run, the longest first."""
        with self._lock:
            now = self._clock()
            return [self._state(job, now - since) for job, since in self._running.items()]

    def total(self) -> str:
        """How far all is."""
        with self._lock:
            elapsed = self._clock() - self._begun if self._begun is not None else 0.0
            return total(self._done, len(self._jobs), elapsed, self._span())

    # ----

    @contextmanager
    def _closing_on_error(self) -> Iterator[None]:
        """Leave no display that nobody keeps up any more."""
        try:
            yield
        except Exception:
            self.close()
            raise

    def _end(self, job: int) -> float | None:
        self._ended.add(job)
        since = self._running.pop(job, None)
        return None if since is None else self._clock() - since

    def _line(self, word: str, job: int, took: float | None) -> str:
        """The line of a job's end; in a log, with how far all is."""
        line = ended_line(word, self._jobs[job].name, took)
        return line if self._close_display is not None else f"{line}  [{self.total()}]"

    def _state(self, job: int, elapsed: float) -> Running:
        seconds = self._forecast.job_seconds(job, elapsed)
        return Running(self._jobs[job].name, elapsed, None if seconds is None else seconds - elapsed)

    def _lately(self, job: int) -> Lately:
        files = [self._root / path for path in self._jobs[job].outputs]
        size = sum(file.stat().st_size for file in files if file.is_file())
        return Lately(
            kind=kind_of(self._jobs[job]), seconds=[max(0.001, round(self._took[job], 3))], bytes=size
        )

    def _span(self) -> Span:
        """What is left: reckoned anew every few seconds, counted down in between."""
        now = self._clock()
        if self._reckoned is None or now - self._reckoned[0] > _RECKONED_EVERY:
            running = {job: now - since for job, since in self._running.items()}
            self._reckoned = (now, self._forecast.span(running, self._ended))
        moment, span = self._reckoned
        return span.after(now - moment)
