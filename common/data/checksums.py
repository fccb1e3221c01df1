"""Checksums of files: checked before a file is used, and recorded beside the source that served it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from common.data.sources import Checksum


def file_digest(path: Path, algorithm: str) -> str:
    """Hexadecimal checksum of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def has_checksum(path: Path, wanted: Checksum) -> bool:
    """Whether the file is there and holds the bytes that `wanted` states."""
    return path.is_file() and file_digest(path, wanted.algorithm) == wanted.value


def difference(path: Path, wanted: Checksum) -> str:
    """For the end of a sentence: which checksum the file has, and which it should have."""
    found = file_digest(path, wanted.algorithm)
    return f"its {wanted.algorithm} is {found[:12]}… instead of {wanted.value[:12]}…"
