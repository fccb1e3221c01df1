"""Folders that the user names, as a step's settings speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from common.strict import BadInputError


def named_folder(folders: Mapping[str, Path], name: str) -> Path:
    """The folder that the user named so; raises BadInputError where the step doesn't ask for it."""
    if name not in folders:
        raise BadInputError(f"The step must list '{name}' in its 'folders' too.")
    return folders[name]
