"""The foot of a terminal: what it shows, and that what jobs print stays whole above it."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from common.ledger.display import Foot
from common.ledger.progress import Progress
from tests.ledger.histories import TWO_CORES, Clock, Listener, run_job

ROOT = Path(__file__).parents[2]
# A program that shows a display, prints by itself and by a job, and ends as `how` says.
PROGRAM = """
import os, subprocess, sys, time
from pathlib import Path
from common.ledger.display import open_display
from common.ledger.progress import Progress
from tests.ledger.histories import TWO_CORES, Listener, run_job

progress = Progress(Path(sys.argv[1]), Path("results/smoke"), TWO_CORES, Listener())
progress.planned([run_job(0)])
close = open_display(progress)
progress.started(0)
{body}
close()
print("after the end", flush=True)
"""


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    """Five jobs, of which four run for a while."""
    clock = Clock()
    made = Progress(tmp_path, Path("results/smoke"), TWO_CORES, Listener(), clock)
    made.planned([run_job(number, f"method_{number}") for number in range(5)])
    for number in range(4):
        made.started(number)
        clock.now += 60
    return made


def drawn(progress: Progress, width: int, height: int) -> list[str]:
    """The lines of the foot on a terminal of that size."""
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=True, color_system=None, width=width, height=height, legacy_windows=False
    )
    console.print(Foot(progress))
    return file.getvalue().splitlines()


def test_the_foot_has_a_line_for_each_job_that_runs_and_the_total_below(progress: Progress) -> None:
    lines = drawn(progress, 100, 24)
    assert [line.split(", seeds")[0] for line in lines[:-1]] == [f"method_{number}" for number in range(4)]
    assert lines[0].split() == ["method_0,", "seeds", "(0,)", "4", "min", "0", "s"]
    assert lines[-1] == "0 of 5 (0 %), 4 min 0 s so far, at least 0.0 s left"


@pytest.mark.parametrize("width", [10, 20, 40, 200])
@pytest.mark.parametrize("height", [1, 4, 5, 30])
def test_the_foot_fits_any_terminal(progress: Progress, width: int, height: int) -> None:
    lines = drawn(progress, width, height)
    assert len(lines) <= max(3, height - 1)
    assert all(len(line) <= width for line in lines)
    assert lines[-1].startswith("0 of 5 (")


def test_jobs_without_room_are_counted(progress: Progress) -> None:
    assert drawn(progress, 80, 5)[-2] == "and 2 more"


def on_a_terminal(body: str, tmp_path: Path, hang_up: bool = False) -> tuple[int, str]:
    """Exit status of the program on a terminal of its own, and all that it wrote there."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(body=body), str(tmp_path)],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    written = b""
    while not (hang_up and b"0 of 1" in written):
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux says so where the other end has closed
            break
        if not chunk:
            break
        written += chunk
    os.close(ours)
    return program.wait(60), written.decode()


def test_what_is_printed_stays_whole(tmp_path: Path) -> None:
    body = """
print("by Python itself", flush=True)
time.sleep(0.4)
subprocess.run("echo by a job; echo its error >&2; printf without_an_end; sleep 0.4", shell=True)
"""
    status, written = on_a_terminal(body, tmp_path)
    assert status == 0
    for line in ("by Python itself", "by a job", "its error", "without_an_end", "after the end"):
        # At the start of a line that was cleared, and ended: nothing of the foot is in it.
        assert any(part.endswith(line) for part in written.split("\r\n")), written
        (part,) = (part for part in written.split("\r\n") if part.endswith(line))
        assert part.removesuffix(line)[-4:] in ("", "\x1b[2K"), written
    assert "0 of 1 (0 %)" in written
    assert written.rstrip().endswith("after the end")


def test_a_job_sees_no_terminal(tmp_path: Path) -> None:
    """So it draws no bars of its own."""
    body = 'subprocess.run([sys.executable, "-c", "import sys; print(sys.stdout.isatty())"])'
    assert "False" in on_a_terminal(body, tmp_path)[1]


def test_a_terminal_that_is_closed_ends_nothing(tmp_path: Path) -> None:
    body = """
import signal
signal.signal(signal.SIGHUP, signal.SIG_IGN)
time.sleep(0.5)
for _ in range(3):
    print("to nobody", flush=True)
    subprocess.run("echo to nobody; seq 100000", shell=True, check=True)
progress.finished(0)
progress.ended(True)
close()
(Path(sys.argv[1]) / "came_to_the_end").touch()
os._exit(0)
"""
    status, _ = on_a_terminal(body, tmp_path, hang_up=True)
    assert status == 0
    assert (tmp_path / "came_to_the_end").exists()


def test_a_display_that_fails_still_lets_jobs_print(tmp_path: Path) -> None:
    body = """
def fail(*_): raise RuntimeError("no lines")
progress.total = fail
subprocess.run("echo in spite of it; seq 100000 | tail -1", shell=True, check=True)
"""
    _, written = on_a_terminal(body, tmp_path)
    assert "in spite of it" in written
    assert "100000" in written
