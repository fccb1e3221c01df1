"""Disks of a few kilobytes, in memory, which fill up."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A file system in memory, mounted at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def resize(self, size: int) -> None:
        """Let it hold `size` bytes from now on."""
        _mount("-o", f"remount,size={size}", str(self.path))

    def used(self) -> int:
        """Bytes."""
        facts = os.statvfs(self.path)
        return (facts.f_blocks - facts.f_bfree) * facts.f_frsize

    def free(self) -> int:
        """Bytes."""
        facts = os.statvfs(self.path)
        return facts.f_bavail * facts.f_frsize

    def fill(self, left: int = 0) -> None:
        """Write until no more than `left` bytes are free."""
        (self.path / "filling").write_bytes(bytes(self.free() - left))

    def clear(self) -> None:
        """Take the filling away."""
        (self.path / "filling").unlink()

    def forbid_writing(self) -> None:
        """Let nothing be written any more."""
        _mount("-o", "remount,ro", str(self.path))


@contextmanager
def mounted(path: Path, size: int) -> Iterator[Disk]:
    """A disk of `size` bytes at `path`; the test is skipped where this user may not mount one."""
    path.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("NOT CHECKED: only root may mount a small disk; type: sudo make test ARGS='-k full'")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
