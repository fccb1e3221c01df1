"""Files that DVC doesn't write in one step: what a DVC that was killed left of them is put right."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from common.atomic import write_text
from common.strict import BadInputError, read_yaml

LOCK = Path("dvc.lock")
KEPT = Path(".dvc/tmp/dvc.lock.whole")
READERS = Path(".dvc/tmp/rwlock")  # which process reads or writes what; DVC itself passes over dead ones


def mend_files(root: Path) -> None:
    """Make both such files readable again; raises BadInputError where dvc.lock can't be."""
    _mend_readers(root / READERS)
    _mend_lock(root)


def _mend_readers(path: Path) -> None:
    try:
        json.loads(path.read_text())
    except FileNotFoundError:
        return
    except ValueError:
        path.unlink()  # no process can have read it, and so none goes by it


def _mend_lock(root: Path) -> None:
    """Keep a copy of dvc.lock; where it is only half there, put the last copy back.

    DVC then prepares anew what the copy doesn't know of. Raises BadInputError where there is no copy.
    """
    if not (root / LOCK).exists():
        return
    if _is_whole(root / LOCK):
        write_text(root / KEPT, (root / LOCK).read_text())
        return
    if not (root / KEPT).exists():
        raise BadInputError(
            f"{LOCK} is only half there: a DVC that wrote it was killed. Type: git checkout {LOCK}"
        )
    print(f"{LOCK} was only half there, as a DVC that wrote it was killed; it is put back.", file=sys.stderr)
    write_text(root / LOCK, (root / KEPT).read_text())


def _is_whole(path: Path) -> bool:
    """Whether DVC could read the file: it ends with a line, has a version, and each stage a command."""
    try:
        content: Any = read_yaml(path)
    except BadInputError:
        return False
    if not isinstance(content, dict) or "schema" not in content or not path.read_text().endswith("\n"):
        return False
    stages = content.get("stages", {})
    return isinstance(stages, dict) and all(
        isinstance(stage, dict) and "cmd" in stage for stage in stages.values()
    )
