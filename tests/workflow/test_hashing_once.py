"""A file is hashed once, and anew as soon as it isn't what it was."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from snakemake.io import _IOFile

from common.rules.hashing_once import hash_files_once


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were read, in order, once files are hashed once."""
    read: list[str] = []

    async def checksum(file: str, threshold: int | None = None, algorithm: str | None = None) -> str | None:
        if not Path(file).exists():
            return None
        read.append(Path(file).read_text())
        return f"{algorithm}:{read[-1]}"

    monkeypatch.setattr(_IOFile, "checksum", checksum)
    hash_files_once()
    return read


def ask(path: Path, **named: str) -> str | None:
    found: str | None = asyncio.run(_IOFile.checksum(str(path), 100, **named))
    return found


def test_a_file_is_read_once(tmp_path: Path, hashed: list[str]) -> None:
    (tmp_path / "features").write_text("first")
    assert [ask(tmp_path / "features") for _ in range(3)] == ["None:first"] * 3
    assert hashed == ["first"]


def test_a_file_of_the_same_size_and_another_date_is_read_again(tmp_path: Path, hashed: list[str]) -> None:
    path = tmp_path / "features"
    path.write_text("first")
    ask(path)
    path.write_text("other")
    os.utime(path, ns=(1, 1))
    assert ask(path) == "None:other"


def test_a_file_put_in_its_place_with_its_date_is_read_again(tmp_path: Path, hashed: list[str]) -> None:
    path = tmp_path / "features"
    path.write_text("first")
    ask(path)
    date = path.stat().st_mtime_ns
    (tmp_path / "new").write_text("other")
    os.utime(tmp_path / "new", ns=(date, date))
    (tmp_path / "new").replace(path)
    assert ask(path) == "None:other"


def test_each_algorithm_has_its_own_hash(tmp_path: Path, hashed: list[str]) -> None:
    (tmp_path / "features").write_text("first")
    assert [ask(tmp_path / "features", algorithm=name) for name in ("sha256", "md5", "md5")] == [
        "sha256:first",
        "md5:first",
        "md5:first",
    ]


def test_a_missing_file_is_asked_for_again(tmp_path: Path, hashed: list[str]) -> None:
    assert ask(tmp_path / "features") is None
    (tmp_path / "features").write_text("there")
    assert ask(tmp_path / "features") == "None:there"
