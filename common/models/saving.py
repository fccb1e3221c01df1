"""Writing tensors so that equal ones make equal files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def save_tensors(content: dict[str, Any], path: Path) -> None:
    """Write tensors and plain values, which `torch.load(path, weights_only=True)` reads.

    Given a path, torch would put its last part into the file, and that of a temporary file names a process.
    """
    with path.open("wb") as file:
        torch.save(content, file)
