"""Progress bars for a person at a terminal; silent in logs and in continuous integration."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, TypeVar

Item = TypeVar("Item")


def is_silent() -> bool:
    """Whether bars are left out: the error stream is no terminal, or CI is set."""
    return bool(os.environ.get("CI")) or not sys.stderr.isatty()


def progress(items: Iterable[Item], title: str, unit: str) -> Iterable[Item]:
    """The same items, counted by a bar."""
    from tqdm import tqdm

    return tqdm(items, desc=title, unit=unit, disable=is_silent())


def byte_progress(title: str, total: int | None, done: int) -> Any:
    """A bar that counts bytes, to be used as a context manager: `bar.update(count)`."""
    from tqdm import tqdm

    return tqdm(desc=title, total=total, initial=done, unit="B", unit_scale=True, disable=is_silent())
