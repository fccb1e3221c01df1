"""Objects of DVC's cache that were damaged: DVC hands them on by name, and doesn't look into them again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from common.data.checksums import file_digest


def drop_damaged(root: Path) -> list[Path]:
    """Delete every object of the cache that isn't what its name says; returns their paths."""
    answer = subprocess.run(["dvc", "cache", "dir"], cwd=root, capture_output=True, text=True, check=True)
    damaged = list(_damaged(root / answer.stdout.strip()))
    for path in damaged:
        path.unlink()
    return damaged


def _damaged(cache: Path) -> Iterator[Path]:
    """An object lies at files/md5/<first two digits>/<the others>; that of a folder ends with .dir."""
    for path in sorted(cache.glob("files/md5/??/*")):
        named = path.parent.name + path.name.removesuffix(".dir")
        if path.is_file() and file_digest(path, "md5") != named:
            yield path
