"""An empty SQLite database for each test; a PostgreSQL and an MLflow server on it for those that ask."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient

from common.run_browser.stores import Store, create_database, open_store
from tests.run_browser.servers import MlflowServer, PostgresServer, find_postgres


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with MLflow's tables: making them takes seconds, so it is done once and copied."""
    database = tmp_path_factory.mktemp("mlflow") / "empty.db"
    create_database(database)
    return database


@pytest.fixture
def folder(empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with an empty database."""
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with open_store("sqlite:///mlflow.db") as store:
        yield store


@pytest.fixture
def client(store: Store) -> MlflowClient:
    return store.client


@pytest.fixture
def experiment(store: Store) -> str:
    return str(store.client.create_experiment("toys", store.artifact_location("toys")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    programs = find_postgres()
    if programs is None:
        pytest.skip("NO POSTGRESQL, THE TRACKING SERVER IS NOT TESTED: pip install -r requirements.txt")
    with PostgresServer(programs) as server:
        yield server


@pytest.fixture(scope="session")
def mlflow_server(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MlflowServer]:
    """A tracking server that keeps its runs in PostgreSQL and serves its files itself."""
    with MlflowServer(postgres.uri, tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def server(mlflow_server: MlflowServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> MlflowServer:
    """The tracking server, running and named as the place to write to."""
    mlflow_server.start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server.uri)
    return mlflow_server
