"""Prepared data go from one clone to another through a WebDAV server, a real one on this machine."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workflow.jobs import DATA, DICE_RUNS
from tests.workflow.repository import Repository

USER, PASSWORD = "reader", "open sesame"


@dataclass(frozen=True)
class Remote:
    """A server: its address, and the folder in which it keeps what is pushed."""

    address: str
    folder: Path

    def array(self) -> Path:
        """The one array that was pushed."""
        [array] = [path for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".dir"]
        return array


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    from cheroot.wsgi import Server
    from wsgidav.wsgidav_app import WsgiDAVApp

    folder = tmp_path / "served"
    folder.mkdir()
    application = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(folder)},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "default_to_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )
    server = Server(("127.0.0.1", 0), application)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield Remote(f"webdav://127.0.0.1:{server.bind_addr[1]}/", folder)
    finally:
        server.stop()
        thread.join()


def add(repository: Repository, address: str, password: str = PASSWORD) -> None:
    """What docs/data-remotes.md says to type."""
    for command in (
        ("add", "--local", "--default", "shared", address),
        ("modify", "--local", "shared", "user", USER),
        ("modify", "--local", "shared", "password", password),
        ("modify", "--local", "shared", "verify", "true"),
    ):
        answer = repository.run("dvc", "remote", *command)
        assert answer.returncode == 0, answer.stderr


def clone(repository: Repository, path: Path) -> Repository:
    subprocess.run(["git", "clone", "-q", str(repository.path), str(path)], check=True)
    return Repository(path, "dice")


def pushed(repository: Repository, remote: Remote) -> None:
    add(repository, remote.address)
    answer = repository.run("dvc", "push", "faces")
    assert answer.returncode == 0, answer.stderr
    assert remote.array().is_file()


@pytest.mark.slow
def test_what_one_clone_prepared_another_pulls_and_runs_from(
    repository: Repository, tmp_path: Path, remote: Remote
) -> None:
    pushed(repository, remote)
    other = clone(repository, tmp_path / "other")
    assert DATA in other.plan()
    add(other, remote.address)
    answer = other.run("dvc", "pull", "faces")
    assert answer.returncode == 0, answer.stderr
    planned = other.plan()
    assert planned >= DICE_RUNS
    assert DATA not in planned
    (other.path / "experiments/chance/prepare_faces.py").write_text("raise SystemExit('not to be run')\n")
    answer = other.snakemake("records")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.slow
def test_a_damaged_object_is_noticed_when_it_is_pulled(
    repository: Repository, tmp_path: Path, remote: Remote
) -> None:
    pushed(repository, remote)
    content = bytearray(remote.array().read_bytes())
    content[-3] ^= 1
    remote.array().chmod(0o644)
    remote.array().write_bytes(content)
    other = clone(repository, tmp_path / "other")
    add(other, remote.address)
    answer = other.run("dvc", "pull", "faces")
    assert answer.returncode != 0
    assert not (other.path / "data/prepared/toy_faces/faces.npy").exists()
    assert DATA in other.plan()


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["password", "absent"])
def test_a_remote_that_cannot_be_used_hinders_no_run(
    repository: Repository, tmp_path: Path, remote: Remote, fault: str
) -> None:
    pushed(repository, remote)
    other = clone(repository, tmp_path / "other")
    if fault == "password":
        add(other, remote.address, "wrong")
    else:
        add(other, "webdav://127.0.0.1:9/")
    answer = other.run("dvc", "pull", "faces")
    assert answer.returncode != 0
    assert "Traceback" not in answer.stderr
    assert "ERROR: " in answer.stderr
    answer = other.run("python", "-m", "common.rules.prepare", "toy_faces")
    assert answer.returncode == 0, answer.stderr
