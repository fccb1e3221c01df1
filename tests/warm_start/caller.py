"""Stands for a Snakemake whose jobs start a server, and waits for what they do."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.warm_start.wire import VARIABLE

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


@dataclass
class Caller:
    """Stands for a Snakemake: the server that its jobs start ends when it does."""

    folder: Path
    surroundings: dict[str, str]
    process: subprocess.Popen[bytes]

    def start(self, module: str, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a module of `folder`."""
        command = [sys.executable, "-S", "-m", "common.warm_start", module, *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.surroundings, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, module: str, *arguments: str, **more: str) -> tuple[int, str, str]:
        """Its exit status, and what it writes."""
        job = self.start(module, *arguments, **more)
        output, errors = job.communicate(timeout=PATIENCE)
        return job.returncode, output, errors

    def write(self, module: str, text: str) -> None:
        """Put a module into `folder`."""
        (self.folder / f"{module}.py").write_text(text)


@contextmanager
def calling(folder: Path, warm: bool) -> Iterator[Caller]:
    (folder / "common").symlink_to(ROOT / "common")
    process = subprocess.Popen(["sleep", "1000"])
    name = f"warm-start-{secrets.token_hex(8)} {process.pid}"
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        yield Caller(folder, surroundings | {VARIABLE: name if warm else "no"}, process)
    finally:
        process.kill()
        process.wait()


def wait_until(path: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} was never written"
        time.sleep(0.02)


def lives(process: int) -> bool:
    """Whether it runs; one that nobody has asked for its status yet doesn't."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def wait_for_the_end_of(process: int) -> None:
    end = time.monotonic() + PATIENCE
    while lives(process):
        assert time.monotonic() < end, f"{process} never ended"
        time.sleep(0.02)


ASLEEP = """
import os, sys, time
open("asleep.part", "w").write(f"{os.getpid()} {os.getppid()}")
os.rename("asleep.part", "asleep")
time.sleep(1000)
"""


def asleep(caller: Caller) -> tuple[subprocess.Popen[str], int, int]:
    """A job that sleeps, its process and that one's parent."""
    caller.write("asleep", ASLEEP)
    job = caller.start("asleep")
    wait_until(caller.folder / "asleep")
    process, parent = map(int, (caller.folder / "asleep").read_text().split())
    return job, process, parent
