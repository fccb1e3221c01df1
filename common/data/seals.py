"""Seals of prepared data sets: proof, cheap to check, that the arrays are still those that were verified.

Hashing a data set takes seconds to minutes, and a job should not start with that. So the file that pins a
prepared data set holds the size, inode and times of each of its files as they were when they were hashed. Any
change to a file changes one of these, its time of change above all, which no program can set.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Literal

from common.atomic import write_text
from common.data.arrays import verify
from common.data.manifests import PREPARED, array_files, content_hash
from common.strict import BadInputError

PINS = PREPARED / ".pins"
Seal = dict[str, list[int]]


def pin_path(dataset: str, content: str) -> Path:
    """Where it is said that the prepared arrays of `dataset` hash to `content`."""
    return PINS / f"{dataset}-{content[:16]}"


def check_unchanged(dataset: str, root: Path) -> None:
    """Verify a prepared data set, unless its seal tells that nothing has touched it since that was done.

    Raises BadInputError naming the first array that is missing or isn't what the manifest pins.
    """
    if _read_seal(dataset, root) != _present(dataset, root):
        verified = _verify(dataset, root)
        with suppress(OSError):  # data in a folder that can't be written are verified each time
            _write_seal(dataset, root, verified)


def state(dataset: str, root: Path) -> Literal["sealed", "touched", "absent"]:
    """How a prepared data set lies there, told without hashing it: `touched` since verified, or never was."""
    present = _present(dataset, root)
    if present is None:
        return "absent"
    return "sealed" if _read_seal(dataset, root) == present else "touched"


def seal(dataset: str, root: Path) -> None:
    """Hash every array against the manifest, then write the seal; raises BadInputError where one differs."""
    _write_seal(dataset, root, _verify(dataset, root))


def _verify(dataset: str, root: Path) -> Seal:
    before = _present(dataset, root)
    verify(dataset, root)
    if before is None or before != _present(dataset, root):
        raise BadInputError(f"data/prepared/{dataset} was changed while it was read; wait, and run again.")
    return before


def _write_seal(dataset: str, root: Path, verified: Seal) -> None:
    write_text(root / pin_path(dataset, content_hash(dataset, root)), json.dumps(verified) + "\n")


def _present(dataset: str, root: Path) -> Seal | None:
    """File -> its size, inode, and times of modification and of change in nanoseconds; None if one lacks."""
    try:
        facts = {name: (root / name).stat() for name in array_files(dataset, root)}
    except FileNotFoundError:
        return None
    return {name: [s.st_size, s.st_ino, s.st_mtime_ns, s.st_ctime_ns] for name, s in facts.items()}


def _read_seal(dataset: str, root: Path) -> Seal | None:
    """The seal as it was written; {} where there is none, or what is there isn't one."""
    try:
        written: Seal = json.loads((root / pin_path(dataset, content_hash(dataset, root))).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return written
