from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.data.mirror import MIRROR_VARIABLE
from tests.faults.disks import Disk, mounted


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of half a megabyte."""
    with mounted(tmp_path / "disk", 1 << 19) as small:
        yield small


@pytest.fixture(autouse=True)
def _no_mirror_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path / "mirror"))
