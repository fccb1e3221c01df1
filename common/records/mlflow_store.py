"""Where MLflow keeps its runs: a SQLite file made once and whole, or a tracking server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from common.atomic import replacing
from common.strict import BadInputError

if TYPE_CHECKING:
    from mlflow import MlflowClient

_SQLITE = "sqlite:///"
DEFAULT_URI = f"{_SQLITE}mlflow.db"
# Below the folder that `make mlflow` serves. MLflow's own default is an absolute path, which points at
# nothing once the folder is moved.
_SERVED_ARTIFACTS = "mlflow-artifacts:/"


@contextmanager
def open_store(uri: str) -> Iterator[MlflowClient]:
    """Yield a client of the store at `uri`; a SQLite file is made first, and kept for this process alone.

    Raises BadInputError where the kind of store isn't one that MLflow can use or a server doesn't answer.
    """
    if uri.startswith(_SQLITE):
        # MLflow remembers a store by its address, which must not mean another file after a change of folder.
        database = Path(uri.removeprefix(_SQLITE)).resolve()
        with _sole_use_of(database):
            yield _client(f"{_SQLITE}{database}")
    elif uri.startswith(("http://", "https://")):
        _check_answers(uri)
        yield _client(uri)
    else:
        raise BadInputError(
            f"MLFLOW_TRACKING_URI is '{uri}', which MLflow can't keep runs in here. "
            f"Unset it for {DEFAULT_URI}, or name a server: export MLFLOW_TRACKING_URI=http://HOST:PORT"
        )


def artifact_location(uri: str, experiment: str) -> str | None:
    """Where a new experiment keeps its artifacts; a tracking server decides that for itself (None)."""
    return f"{_SERVED_ARTIFACTS}{experiment}" if uri.startswith(_SQLITE) else None


@contextmanager
def _sole_use_of(database: Path) -> Iterator[None]:
    """Hold a lock beside the database; make it first where it isn't there."""
    from filelock import FileLock

    database.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{database}.lock"):
        if not database.exists():
            create_database(database)
        yield


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
    from mlflow import MlflowClient

    return MlflowClient(uri)


def _check_answers(uri: str) -> None:
    """Ask once with a short limit: MLflow's own client tries again for minutes before it gives up."""
    import requests

    try:
        requests.get(f"{uri.rstrip('/')}/health", timeout=10).raise_for_status()
    except requests.RequestException as error:
        raise BadInputError(
            f"The MLflow server at {uri} (MLFLOW_TRACKING_URI) doesn't answer: {error}. "
            f"Start it, or unset MLFLOW_TRACKING_URI for {DEFAULT_URI}."
        ) from None
