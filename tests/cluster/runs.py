"""Snakemake that hands its jobs to Slurm, and what Slurm says of them."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.workflow.repository import Repository, environment

PATIENCE = 200.0

# The test's cluster keeps no accounts, and its users no patience.
_OPTIONS = [
    *("--profile", "profiles/slurm", "--slurm-no-account", "--slurm-status-command", "squeue"),
    *("--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "5"),
]


@dataclass(frozen=True)
class Submitting:
    """Runs of one repository through Slurm; `python` has the plugins."""

    repository: Repository
    python: Path

    def start(self, papers: str, *targets: str, scale: str = "smoke") -> subprocess.Popen[str]:
        """Start Snakemake; what it says goes to one pipe."""
        command = [str(self.python), "-m", "snakemake", *targets, *_OPTIONS]
        return subprocess.Popen(
            [*command, "--config", f"papers={papers}", f"scale={scale}"],
            cwd=self.repository.path,
            env=environment(self.repository.path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def log_of(self, job: int) -> str:
        """What a job that failed has said."""
        [log] = (self.repository.path / ".snakemake/slurm_logs").rglob(f"{job}.log")
        return log.read_text()


def ended(snakemake: subprocess.Popen[str]) -> str:
    """Wait for a run that must succeed; what it said."""
    said, _ = snakemake.communicate(timeout=PATIENCE)
    assert snakemake.returncode == 0, said
    return said


def slurm_jobs() -> dict[int, dict[str, str]]:
    """All jobs that Slurm remembers, by number: its facts on each."""
    answer = subprocess.run(
        ["scontrol", "show", "jobs", "--oneliner"], check=True, capture_output=True, text=True
    )
    found = {}
    for line in answer.stdout.splitlines():
        facts = dict(re.findall(r"(\w+)=(\S*)", line))
        if "JobId" in facts:
            found[int(facts["JobId"])] = facts
    return found


def until(happens: Callable[[], object], what: str) -> None:
    """Wait until `happens` gives something true."""
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.1)


def kill_process(cwd: Path, job: str) -> bool:
    """Kill the Python that works in `cwd` on `job`, paper and step; False where there is none yet."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text().split("\0")
            is_found = f"common.runs {job}" in " ".join(command) and (process / "cwd").readlink() == cwd
        except OSError:
            continue  # it has ended meanwhile
        if is_found and "python" in command[0]:
            os.kill(int(process.name), 9)
            return True
    return False
