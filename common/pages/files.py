"""Writing generated files in one step, and leaving alone those that wouldn't change."""

from __future__ import annotations

from pathlib import Path

from common.atomic import replacing


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_if_changed(path: Path, content: bytes) -> None:
    """Write in one step unless the file already holds the same bytes, so that a rebuild is quick."""
    if not (path.is_file() and path.read_bytes() == content):
        write_bytes(path, content)


def copy_if_changed(source: Path, target: Path) -> None:
    """Copy a file in one step unless the target already holds the same bytes."""
    write_if_changed(target, source.read_bytes())
