"""Running jobs as processes, some side by side, until all are done or the time is up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from common.full_scale.budget import Budget
from common.runs.inputs import jobs_by_name
from common.runs.plan import JobSpec
from common.runs.registry import find_config

_POLL = 0.1  # seconds between two looks at the processes
_TOO_LATE = 0.1  # share of the budget, at its end, in which nothing is begun
_SHOWN = 2000  # characters of the output of a job that failed


@dataclass
class Outcome:
    """What became of the jobs; those `stopped` at the end of the budget go on from their checkpoints."""

    finished: list[JobSpec] = field(default_factory=list)
    failed: list[JobSpec] = field(default_factory=list)
    stopped: list[JobSpec] = field(default_factory=list)


@dataclass
class Runner:
    """Runs jobs in their order, each once what it reads is there.

    Attributes:
        folders: data that the user named -> its folder.
        parallel: so many at once, on one GPU.
        say: told a line for each job that begins or ends.
    """

    root: Path
    folders: Mapping[str, Path]
    parallel: int
    budget: Budget
    say: Callable[[str], None]

    def run(self, specs: Sequence[JobSpec], done: Sequence[JobSpec]) -> Outcome:
        """Run `specs`; `done` are those that needn't be."""
        outcome, waiting = Outcome(), list(specs)
        there = {spec.receipt for spec in done}
        running: dict[subprocess.Popen[bytes], JobSpec] = {}
        try:
            while waiting or running:
                while (spec := self._next(waiting, there, running)) is not None:
                    waiting.remove(spec)
                    running[self._start(spec)] = spec
                if not running or self.budget.left <= 0:
                    break
                time.sleep(_POLL)
                for process in [process for process in running if process.poll() is not None]:
                    self._note(process, running.pop(process), outcome, there)
        finally:
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        outcome.stopped = list(running.values())
        for spec in outcome.stopped:
            self._tell("stopped, to go on in the next call", spec)
        return outcome

    def _next(
        self, waiting: Sequence[JobSpec], there: set[Path], running: Mapping[subprocess.Popen[bytes], JobSpec]
    ) -> JobSpec | None:
        """The first job that can be begun now."""
        if len(running) >= self.parallel or self.budget.left < _TOO_LATE * self.budget.seconds:
            return None
        for spec in waiting:
            makers = jobs_by_name(spec, find_config(spec.paper, self.root)).values()
            if all(maker.receipt in there for maker in makers):
                return spec
        return None

    def _start(self, spec: JobSpec) -> subprocess.Popen[bytes]:
        self._tell("begun", spec)
        folders = [f"--folder={name}={self.folders[name]}" for name in spec.config.folders]
        command = [sys.executable, "-m", "common.runs", spec.paper, spec.step, spec.method]
        options = [f"--scale={spec.scale}", f"--seed={spec.seed}", *folders]
        log = self._log(spec)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            return subprocess.Popen(
                [*command, *options],
                cwd=self.root,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _note(
        self, process: subprocess.Popen[bytes], spec: JobSpec, outcome: Outcome, there: set[Path]
    ) -> None:
        if process.returncode == 0:
            there.add(spec.receipt)
            outcome.finished.append(spec)
            self._tell("finished", spec)
        else:
            outcome.failed.append(spec)
            self._tell(f"FAILED with status {process.returncode}; the end of {self._log(spec)}:", spec)
            self.say(self._log(spec).read_text(errors="replace")[-_SHOWN:])

    def _log(self, spec: JobSpec) -> Path:
        """Where the output of all attempts of the job goes."""
        folder = self.root / "results" / spec.scale / spec.paper / "logs"
        return folder / f"{spec.step}-{spec.method}-seed{spec.seed}.log"

    def _tell(self, what: str, spec: JobSpec) -> None:
        self.say(f"{self.budget.spent:7.0f} s  {job_name(spec)}: {what}")


def job_name(spec: JobSpec) -> str:
    """The job in words: paper/step/method, seed 0."""
    return f"{spec.paper}/{spec.step}/{spec.method}, seed {spec.seed}"
