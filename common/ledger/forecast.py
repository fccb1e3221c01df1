"""What a run is going to take: time with an interval, memory and disk; before it, and as it comes along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import quantiles

from common.ledger.estimates import Estimate, bytes_of, duration_of, memory_of
from common.ledger.kinds import kind_of, runs_of
from common.ledger.observing import PlannedJob
from common.ledger.pace import Pace
from common.ledger.past import Observation, Past
from common.ledger.schedule import Schedule

INTERVAL = 80  # per cent: the truth lies outside of it once in five times
_DRAWS = 200
_STEPS = 100_000  # jobs in all draws together, which take about half a second
_FEWEST_DRAWS = 20


@dataclass(frozen=True)
class Span:
    """Seconds until all is done: the median and the ends of the interval; memory in MiB, median of the peaks.

    `unknown` are names of jobs to come of which nothing is known; they count as nothing.
    """

    seconds: float
    low: float
    high: float
    memory_mib: float
    unknown: tuple[str, ...]

    def after(self, seconds: float) -> Span:
        """The same so many seconds later."""
        left = {name: max(0.0, getattr(self, name) - seconds) for name in ("seconds", "low", "high")}
        return replace(self, **left)


class Forecast:
    """The forecast of one run, which learns from each job that ends.

    Args:
        jobs: all that will run.
        limits: resource by Snakemake's name -> how much of it there is.
        past: what is known of jobs like these.
        paces: how much slower than expected earlier runs were on this machine.
        seed: of the draws; one seed, one forecast.
    """

    def __init__(
        self,
        jobs: Sequence[PlannedJob],
        limits: Mapping[str, int],
        past: Past,
        paces: Sequence[float] = (),
        seed: int = 0,
    ) -> None:
        self.past = past
        self._jobs = {job.id: job for job in jobs}
        self._schedule = Schedule(jobs, limits)
        self._random = Random(seed)
        self._pace = Pace(paces)
        self._estimates = {job.id: duration_of(job, past) for job in jobs}
        # Jobs of which nothing is known yet, by whose end something may be.
        self._strangers: dict[str, dict[int, None]] = defaultdict(dict)
        for job in jobs:
            if self._estimates[job.id] is None:
                for like in _likes(job):
                    self._strangers[like][job.id] = None
        self._memory = {job.id: memory for job in jobs if (memory := memory_of(job, past)) is not None}

    def span(self, running: Mapping[int, float] | None = None, done: Collection[int] = ()) -> Span:
        """What is still to come.

        Args:
            running: jobs that have begun -> seconds since then.
            done: jobs that have ended, in whichever way.
        """
        running = running or {}
        to_come = [job for job in self._jobs if job not in done]
        known = {job: found for job in to_come if (found := self._estimates[job]) is not None}
        draws = max(_FEWEST_DRAWS, min(_DRAWS, _STEPS // max(1, len(to_come))))
        courses = [
            self._schedule.course(self._draw(known, running), self._memory, done, running)
            for _ in range(draws)
        ]
        cuts = quantiles((course.seconds for course in courses), n=20, method="inclusive")
        unknown = tuple(self._jobs[job].name for job in to_come if job not in known)
        memory = sorted(course.memory_mib for course in courses)[draws // 2]
        return Span(cuts[9], cuts[1], cuts[17], memory, unknown)

    @property
    def pace(self) -> float:
        """How much slower all goes than expected, as far as the jobs that have ended tell."""
        return self._pace.middle

    def job_seconds(self, job: int, after: float = 0.0) -> float | None:
        """The median duration of one job that has run for `after` seconds; None where nothing is known."""
        estimate = self._estimates[job]
        return estimate.quantile(0.5, self._pace.middle, after) if estimate else None

    def ended(self, job: int, seconds: float) -> None:
        """Learn from a job that took so many seconds: how fast all goes, how long its like will take."""
        estimate, planned = self._estimates[job], self._jobs[job]
        if estimate is not None:
            self._pace.learn(seconds, estimate.seconds, estimate.width)
        runs = runs_of(planned)
        for run in runs:
            self.past.add_run(run, Observation(seconds / len(runs)))
        self.past.add_job(planned.name, kind_of(planned), Observation(seconds))
        for like in _likes(planned):
            for other in list(self._strangers[like]):
                self._estimates[other] = duration_of(self._jobs[other], self.past)
                if self._estimates[other] is not None:
                    del self._strangers[like][other]

    def bytes(self) -> tuple[float, int]:
        """How much the files will take that jobs leave; and how many jobs' files are unknown and left out."""
        sizes = [bytes_of(job, self.past) for job in self._jobs.values()]
        return sum(size for size in sizes if size is not None), sum(size is None for size in sizes)

    def from_elsewhere(self) -> int:
        """Of how many jobs only another machine's past is known."""
        return sum(found is not None and not found.here for found in self._estimates.values())

    def _draw(self, known: Mapping[int, Estimate], running: Mapping[int, float]) -> dict[int, float]:
        """Seconds that each job still takes, in one way that it may come."""
        pace = self._pace.draw(self._random)
        drawn = {}
        for job, estimate in known.items():
            after = running.get(job, 0.0)
            drawn[job] = estimate.draw(self._random, pace, after) - after
        return drawn


def _likes(job: PlannedJob) -> set[str]:
    """Groups of jobs of which one that ends tells of the others: by step for runs, by kind for the rest."""
    return {f"{run.paper}/{run.step}" for run in runs_of(job)} or {kind_of(job)}
