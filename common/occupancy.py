"""Who is at work on a folder: locks that a process holds while it lives, so that a killed one leaves none."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

_held: list[IO[str]] = []  # open files; closing one would give its lock back


def occupy(path: Path, shared: bool = False, note: str = "") -> bool:
    """Hold the lock at `path` until this process ends; False where another process has it.

    Any number of processes may share a lock, as long as none has it for itself. `note` is what its file will
    say from then on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")  # NFS wants to read a file to share its lock, and to write it to have it alone
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    if note:
        file.truncate(0)
        file.write(note)
        file.flush()
    _held.append(file)
    return True


def is_occupied(path: Path) -> bool:
    """Whether any process holds or shares the lock at `path`."""
    if not path.is_file():
        return False
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
