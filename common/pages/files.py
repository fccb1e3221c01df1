"""Writing files so that nothing half-written is ever taken for whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write `content` under a temporary name beside `path`, then rename; makes the folder if needed."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def copy_if_changed(source: Path, target: Path) -> None:
    """Copy a file atomically unless the target already holds the same bytes."""
    write_if_changed(target, source.read_bytes())


def write_if_changed(path: Path, content: str | bytes) -> None:
    """Write atomically unless the file already holds the same bytes, so that a rebuild is quick."""
    data = content.encode() if isinstance(content, str) else content
    if not (path.is_file() and path.read_bytes() == data):
        write_atomically(path, data)
