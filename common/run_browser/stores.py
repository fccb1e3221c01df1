"""Where MLflow keeps its runs and their files: a SQLite file made once and whole, or a tracking server."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common.atomic import replacing
from common.run_browser.contents import File
from common.strict import BadInputError

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as StoredRun

_SQLITE = "sqlite:///"
DEFAULT_URI = f"{_SQLITE}mlflow.db"
# Below the folder that `make mlflow` serves. MLflow's own default is an absolute path, which points at
# nothing once the folder is moved.
_SERVED_ARTIFACTS = "mlflow-artifacts:/"
_SERVED_FOLDER = "mlruns"  # what `make mlflow` names as the destination of artifacts
_SETTINGS = {
    # By default MLflow tries again for minutes before it says that a server has gone. A call that was made
    # twice does no harm: what it leaves unfinished is found and deleted.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    # Two lines for every run that ends.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


@dataclass(frozen=True)
class Store:
    """A client of MLflow, and how files reach what it serves.

    `database` is the SQLite file, which one process at a time writes; None stands for a tracking server,
    which others may be writing to.
    """

    client: MlflowClient
    database: Path | None

    def artifact_location(self, experiment: str) -> str | None:
        """Where a new experiment keeps its files; a tracking server decides that for itself (None)."""
        return f"{_SERVED_ARTIFACTS}{experiment}" if self.database else None

    def add_files(self, run: StoredRun, files: Iterable[File]) -> None:
        """Make files artefacts of a run.

        No server runs while SQLite is written, so they are laid where `make mlflow` will serve them.
        """
        folder = self._folder(run)
        if folder:
            _copy(files, folder)
            return
        with tempfile.TemporaryDirectory() as staging:
            _copy(files, Path(staging))
            self.client.log_artifacts(run.info.run_id, staging)

    def delete(self, run: StoredRun) -> None:
        """Delete a run, with its files where they are ours to delete. A run deleted already stays so."""
        self.client.delete_run(run.info.run_id)
        folder = self._folder(run)
        if folder and folder.is_dir():
            shutil.rmtree(folder.parent)

    def _folder(self, run: StoredRun) -> Path | None:
        location = str(run.info.artifact_uri)
        if self.database is None or not location.startswith(_SERVED_ARTIFACTS):
            return None
        return self.database.parent / _SERVED_FOLDER / location.removeprefix(_SERVED_ARTIFACTS)


@contextmanager
def open_store(uri: str) -> Iterator[Store]:
    """Yield the store at `uri`; a SQLite file is made first, and kept for this process alone.

    Raises BadInputError where the kind of store isn't one that MLflow can use, a server doesn't answer, or
    MLflow fails in the middle.
    """
    if uri.startswith(_SQLITE):
        # MLflow remembers a store by its address, which must not mean another file after a change of folder.
        database = Path(uri.removeprefix(_SQLITE)).resolve()
        with _sentences(uri), _sole_use_of(database), _quick_commits():
            yield Store(_client(f"{_SQLITE}{database}"), database)
    elif uri.startswith(("http://", "https://")):
        _check_answers(uri)
        with _sentences(uri):
            yield Store(_client(uri), None)
    else:
        raise BadInputError(
            f"MLFLOW_TRACKING_URI is '{uri}', which MLflow can't keep runs in here. "
            f"Unset it for {DEFAULT_URI}, or name a server: export MLFLOW_TRACKING_URI=http://HOST:PORT"
        )


@contextmanager
def _sole_use_of(database: Path) -> Iterator[None]:
    """Hold a lock beside the database; make it first where it isn't there."""
    from filelock import FileLock

    database.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{database}.lock"):
        if not database.exists():
            create_database(database)
        yield


@contextmanager
def _quick_commits() -> Iterator[None]:
    """Don't wait for the disk at each of thousands of commits.

    With write-ahead logging, a loss of power then costs the last of them and never the database; the next
    synchronisation writes them again.
    """
    import sqlite3

    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def relax(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    event.listen(Engine, "connect", relax)
    try:
        yield
    finally:
        event.remove(Engine, "connect", relax)


def create_database(database: Path) -> None:
    """Make an empty database with MLflow's tables, under a temporary name until it is complete."""
    import sqlite3

    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with replacing(database) as temporary:
        SqlAlchemyStore(f"{_SQLITE}{temporary}", _SERVED_ARTIFACTS)  # type: ignore[no-untyped-call]
        # Half the time per run, and the run browser can read while runs are written.
        with closing(sqlite3.connect(temporary)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def _client(uri: str) -> MlflowClient:
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    return MlflowClient(uri)


@contextmanager
def _sentences(uri: str) -> Iterator[None]:
    """Turn a failure of MLflow into a sentence that says what became of the records."""
    import requests
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, requests.RequestException, SQLAlchemyError) as error:
        if "disk is full" in str(error):  # SQLite's words, which reach us in one of several errors
            raise BadInputError(
                f"No space left for MLflow's database, {uri}. Nothing is lost: the records are files on this "
                f"machine. Free some space on its disk, then type: make mlflow"
            ) from error
        reason = str(error).split("\n")[0][:300]
        raise BadInputError(
            f"MLflow at {uri} stopped in the middle: {reason}\n"
            f"Nothing is lost: the records are files on this machine, and the runs written so far stay. "
            f"The server may have gone, or another synchronisation was writing the same paper. "
            f"When it answers again, type: make mlflow (it completes the rest)"
        ) from error


def _check_answers(uri: str) -> None:
    """Ask once with a short limit, before MLflow is even imported."""
    import requests

    try:
        requests.get(f"{uri.rstrip('/')}/health", timeout=10).raise_for_status()
    except requests.RequestException as error:
        raise BadInputError(
            f"The MLflow server at {uri} (MLFLOW_TRACKING_URI) doesn't answer: {error}. "
            f"Nothing is lost: the records are files on this machine. "
            f"Start it and type: make mlflow, or unset MLFLOW_TRACKING_URI for {DEFAULT_URI}."
        ) from None


def _copy(files: Iterable[File], folder: Path) -> None:
    for file in files:
        target = folder / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.path, target)
