"""Prepared data are hashed once; whatever touches them afterwards makes them be hashed again, and told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from common.data import seals
from common.data.arrays import verify
from common.data.manifests import content_hash
from common.data.prepare import write_prepared
from common.data.seals import check_unchanged, pin_path, seal
from common.strict import BadInputError


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A sealed data set of two arrays; the file of one."""
    write_prepared("toy", [("images", np.arange(64.0)), ("labels", np.zeros(3))], tmp_path, {})
    seal("toy", tmp_path)
    return tmp_path / "data/prepared/toy/images.npy"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The data sets that are hashed from now on."""
    found: list[str] = []

    def note_and_verify(dataset: str, root: Path) -> None:
        found.append(dataset)
        verify(dataset, root)

    monkeypatch.setattr(seals, "verify", note_and_verify)
    return found


def test_untouched_data_are_not_hashed(images: Path, tmp_path: Path, hashed: list[str]) -> None:
    check_unchanged("toy", tmp_path)
    assert hashed == []


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def flip_and_set_the_clock_back(path: Path) -> None:
    times = path.stat()
    flip(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def swap(path: Path) -> None:
    np.save(path.with_name("other.npy"), np.ones(64))
    path.with_name("other.npy").replace(path)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8])


def delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("tamper", [flip, flip_and_set_the_clock_back, swap, truncate, delete])
def test_a_tampered_file_is_named_and_refused_each_time(
    images: Path, tmp_path: Path, tamper: Callable[[Path], None]
) -> None:
    tamper(images)
    for _ in range(2):
        with pytest.raises(BadInputError, match=r"data/prepared/toy/images\.npy .* Type: "):
            check_unchanged("toy", tmp_path)


def test_a_touch_costs_one_hashing(images: Path, tmp_path: Path, hashed: list[str]) -> None:
    images.touch()
    check_unchanged("toy", tmp_path)
    check_unchanged("toy", tmp_path)
    assert hashed == ["toy"]


@pytest.mark.parametrize("content", ["", "half a se", "[1]"])
def test_a_pin_that_is_no_seal_makes_the_data_be_hashed(
    images: Path, tmp_path: Path, hashed: list[str], content: str
) -> None:
    pin = tmp_path / pin_path("toy", content_hash("toy", tmp_path))
    pin.write_text(content)
    check_unchanged("toy", tmp_path)
    check_unchanged("toy", tmp_path)
    assert hashed == ["toy"]


def test_data_where_nothing_can_be_written_are_hashed_each_time(
    images: Path, tmp_path: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, text: str) -> None:
        raise PermissionError(path)

    (tmp_path / pin_path("toy", content_hash("toy", tmp_path))).unlink()
    monkeypatch.setattr(seals, "write_text", refuse)
    check_unchanged("toy", tmp_path)
    check_unchanged("toy", tmp_path)
    assert hashed == ["toy", "toy"]
