"""How long jobs take that wait for each other and share cores: they are begun as Snakemake begins them."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from common.ledger.observing import PlannedJob

Need = tuple[tuple[str, int], ...]  # resource, how much of it


@dataclass(frozen=True)
class Course:
    """Seconds until the last job has ended, and the most memory that jobs held side by side, in MiB."""

    seconds: float
    memory_mib: float


class Schedule:
    """Jobs and what limits how many of them run at a time.

    `limits` are of resources by Snakemake's names (`_cores`, `_nodes`, `gpu`); one that isn't named is
    unlimited. A job that asks for more than there is takes all, as in Snakemake.
    """

    def __init__(self, jobs: Sequence[PlannedJob], limits: Mapping[str, int]) -> None:
        self._limits = dict(limits)
        self._needs = {job.id: self._need(job) for job in jobs}
        self._waits_for = {job.id: [other for other in job.waits_for if other in self._needs] for job in jobs}
        self._waiting: dict[int, list[int]] = defaultdict(list)
        for job, others in self._waits_for.items():
            for other in others:
                self._waiting[other].append(job)

    def course(
        self,
        seconds: Mapping[int, float],
        memory_mib: Mapping[int, float],
        done: Collection[int] = (),
        running: Collection[int] = (),
    ) -> Course:
        """What is to come when each job takes so many seconds, those that run already so many more.

        What a mapping lacks counts as nothing. `done` are jobs that need no time any more.
        """
        state = _State(self._limits)
        blockers = {
            job: sum(other not in done for other in others) for job, others in self._waits_for.items()
        }
        for job in running:
            state.begin(job, self._needs[job], seconds, memory_mib)
        for job, count in blockers.items():
            if count == 0 and job not in done and job not in running:
                state.queue(job, self._needs[job])
        state.begin_all(seconds, memory_mib)
        while state.ends:
            for ended in state.advance(self._needs, memory_mib):
                for job in self._waiting[ended]:
                    blockers[job] -= 1
                    if blockers[job] == 0 and job not in running:
                        state.queue(job, self._needs[job])
            state.begin_all(seconds, memory_mib)
        return Course(state.now, state.peak)

    def _need(self, job: PlannedJob) -> Need:
        asked = {"_cores": job.threads, "_nodes": 1, **job.resources}
        return tuple(
            sorted((name, min(asked[name], limit)) for name, limit in self._limits.items() if name in asked)
        )


class _State:
    """The moment that a course has come to.

    Jobs that could begin are kept by what they need, so that a look at each need, not at each job, tells
    which can.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        self.now = 0.0
        self.peak = 0.0
        self.ends: list[tuple[float, int]] = []
        self._memory = 0.0
        self._free = Counter(limits)
        self._ready: dict[Need, list[int]] = {}

    def queue(self, job: int, need: Need) -> None:
        """Let the job begin when there is room."""
        heapq.heappush(self._ready.setdefault(need, []), job)

    def begin_all(self, seconds: Mapping[int, float], memory_mib: Mapping[int, float]) -> None:
        """Begin all jobs that there is room for."""
        for need, queued in self._ready.items():
            while queued and all(self._free[name] >= amount for name, amount in need):
                self.begin(heapq.heappop(queued), need, seconds, memory_mib)

    def begin(
        self, job: int, need: Need, seconds: Mapping[int, float], memory_mib: Mapping[int, float]
    ) -> None:
        """Let the job take its room."""
        self._free.subtract(dict(need))
        self._memory += memory_mib.get(job, 0.0)
        self.peak = max(self.peak, self._memory)
        heapq.heappush(self.ends, (self.now + seconds.get(job, 0.0), job))

    def advance(self, needs: Mapping[int, Need], memory_mib: Mapping[int, float]) -> Iterable[int]:
        """Go to the next moment at which jobs end; return them, whose room is free then."""
        self.now = self.ends[0][0]
        ended = []
        while self.ends and self.ends[0][0] == self.now:
            job = heapq.heappop(self.ends)[1]
            self._free.update(dict(needs[job]))
            self._memory -= memory_mib.get(job, 0.0)
            ended.append(job)
        return ended
