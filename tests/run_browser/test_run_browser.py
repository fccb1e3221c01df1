"""The view in MLflow equals the records after every synchronisation, whatever was there before."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import Dataset, Run

from common.records import mlflow_view
from common.records.collected import Line
from common.records.mlflow_run import cells_of
from common.records.mlflow_store import create_database, open_store
from common.records.mlflow_view import Changes, synchronise
from common.records.pictures import Picture
from common.records.schema import Cost, MachineFacts, Record, content_hash
from common.strict import BadInputError

ROOT = Path(__file__).parents[2]
MACHINE = MachineFacts(
    processor="P", cores=2, memory_gib=4.0, accelerator=None, system="Linux", python="3.11.7", packages={}
)
CURVES = {"error_percent": [30.0, 20.0, 10.0]}


def line(corruption: str, seed: int, error: float, **changes: Any) -> Line:
    """A collected record of the method `ent` under one corruption."""
    record = Record(
        track="test_time_adaptation",
        paper="toy",
        step="adaptation",
        method="ent",
        condition={"corruption": corruption, "severity": 5},
        scale="quick",
        seed=seed,
        protocol_type="Protocol",
        protocol={"resolution": 32, "reset": None},
        settings={"optimiser": {"learning_rate": 0.1, "betas": [0.9, 0.99]}, "steps": 1},
        metrics={"error_percent": error},
        curves=content_hash(CURVES),
        data={"cifar10": "a" * 64},
        inputs={"source_network": "b" * 64},
        code="c" * 64,
        cost=Cost(seconds=2.5, processor_seconds=2.0, threads=1),
        machine=MACHINE,
        commit="d" * 40,
        finished="2026-01-02T03:04:05+00:00",
    ).model_copy(update=changes)
    path = f"results/quick/toy/records/adaptation/ent/seed{seed}/{corruption}.json"
    return Line(path=path, record=record, curves=CURVES)


LINES = [line(corruption, seed, 10.0 + seed) for corruption in ("fog", "snow") for seed in (0, 1, 2)]


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
def client(folder: Path) -> Iterator[MlflowClient]:
    with open_store("sqlite:///mlflow.db") as client:
        yield client


@pytest.fixture
def experiment(client: MlflowClient) -> str:
    return str(client.create_experiment("toy", "mlflow-artifacts:/toy"))


def runs(client: MlflowClient, experiment: str) -> list[Run]:
    return list(client.search_runs([experiment]))


def by_path(client: MlflowClient, experiment: str) -> dict[str, Run]:
    return {run.data.tags["path"]: run for run in runs(client, experiment) if "path" in run.data.tags}


def contents(client: MlflowClient, experiment: str) -> set[str]:
    """All that the view shows but MLflow's random identifiers."""
    names = {run.info.run_id: run.info.run_name for run in runs(client, experiment)}
    return {
        json.dumps(
            [
                run.info.run_name,
                run.info.status,
                run.info.start_time,
                run.info.end_time,
                {k: names.get(v, v) for k, v in run.data.tags.items()},
                run.data.params,
                {name: history(client, run, name) for name in run.data.metrics},
                [(data.name, data.digest, data.source) for data in datasets(run)],
            ],
            sort_keys=True,
        )
        for run in runs(client, experiment)
    }


def datasets(run: Run) -> list[Dataset]:
    assert run.inputs is not None
    return [entry.dataset for entry in run.inputs.dataset_inputs]


def history(client: MlflowClient, run: Run, name: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, name)]


def test_a_record_is_shown_whole(client: MlflowClient, experiment: str) -> None:
    synchronise(client, experiment, "quick", LINES)
    run = by_path(client, experiment)[LINES[1].path]
    record = LINES[1].record
    assert run.data.metrics["error_percent"] == 11.0
    assert history(client, run, "curves/error_percent") == [(0, 30.0), (1, 20.0), (2, 10.0)]
    assert run.data.params == {
        "condition.corruption": "fog",
        "condition.severity": "5",
        "settings.optimiser.learning_rate": "0.1",
        "settings.optimiser.betas": "[0.9, 0.99]",
        "settings.steps": "1",
        "protocol.resolution": "32",
        "protocol.reset": "null",
        "seed": "1",
    }
    tags = {"track": "test_time_adaptation", "paper": "toy", "step": "adaptation", "method": "ent"}
    tags |= {"scale": "quick", "seed": "1", "code": "c" * 64, "commit": "d" * 40, "kind": "record"}
    tags |= {"condition": "corruption=fog severity=5", "identity": record.identity(), "path": LINES[1].path}
    assert tags.items() <= run.data.tags.items()
    (dataset,) = datasets(run)
    assert (dataset.name, dataset.digest, dataset.source) == ("cifar10", "a" * 36, "a" * 64)
    assert (run.info.status, run.info.end_time - run.info.start_time) == ("FINISHED", 2500)


def test_seeds_lie_below_their_cell_which_shows_the_mean(client: MlflowClient, experiment: str) -> None:
    synchronise(client, experiment, "quick", LINES)
    cells = {run.info.run_id: run for run in runs(client, experiment) if run.data.tags["kind"] == "cell"}
    assert {cell.data.tags["condition"] for cell in cells.values()} == {
        "corruption=fog severity=5",
        "corruption=snow severity=5",
    }
    for run in by_path(client, experiment).values():
        parent = cells[run.data.tags["mlflow.parentRunId"]]
        assert parent.data.tags["condition"] == run.data.tags["condition"]
        assert parent.data.metrics == {"error_percent": 11.0}


def test_a_second_time_changes_nothing(client: MlflowClient, experiment: str) -> None:
    assert synchronise(client, experiment, "quick", LINES) == Changes(2, 0, 0)
    before = {run.info.run_id for run in runs(client, experiment)}
    assert synchronise(client, experiment, "quick", LINES) == Changes(0, 0, 2)
    assert {run.info.run_id for run in runs(client, experiment)} == before


def test_a_changed_record_replaces_its_cell_and_leaves_others(client: MlflowClient, experiment: str) -> None:
    synchronise(client, experiment, "quick", LINES)
    before = by_path(client, experiment)
    changed = [line("fog", 0, 50.0), *LINES[1:]]
    assert synchronise(client, experiment, "quick", changed) == Changes(1, 1, 1)
    after = by_path(client, experiment)
    assert after[LINES[0].path].data.metrics["error_percent"] == 50.0
    assert after[LINES[3].path].info.run_id == before[LINES[3].path].info.run_id
    assert len(runs(client, experiment)) == 8


def test_a_rerun_that_repeats_the_numbers_still_shows_its_own_commit(
    client: MlflowClient, experiment: str
) -> None:
    synchronise(client, experiment, "quick", LINES)
    again = [line("fog", 0, 10.0, commit="e" * 40), *LINES[1:]]
    assert again[0].record.identity() == LINES[0].record.identity()
    synchronise(client, experiment, "quick", again)
    assert by_path(client, experiment)[LINES[0].path].data.tags["commit"] == "e" * 40


def test_runs_of_deleted_records_are_removed(client: MlflowClient, experiment: str) -> None:
    synchronise(client, experiment, "quick", LINES)
    assert synchronise(client, experiment, "quick", LINES[:3]) == Changes(0, 1, 1)
    assert set(by_path(client, experiment)) == {item.path for item in LINES[:3]}


def test_other_scales_are_left_alone(client: MlflowClient, experiment: str) -> None:
    synchronise(client, experiment, "quick", LINES)
    assert synchronise(client, experiment, "smoke", []) == Changes(0, 0, 0)
    assert len(by_path(client, experiment)) == 6


def test_an_interrupted_cell_is_written_anew(
    client: MlflowClient, experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter(range(100))

    def interrupted(*_: object) -> None:
        if next(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(mlflow_view, "_log_datasets", interrupted)
    with pytest.raises(KeyboardInterrupt):
        synchronise(client, experiment, "quick", LINES)
    monkeypatch.undo()
    assert synchronise(client, experiment, "quick", LINES) == Changes(2, 1, 0)
    assert len(runs(client, experiment)) == 8


def test_rebuilt_from_nothing_it_is_the_same(client: MlflowClient, experiment: str) -> None:
    synchronise(client, experiment, "quick", LINES[1:])
    synchronise(client, experiment, "quick", [line("fog", 0, 99.0), *LINES[2:]])
    synchronise(client, experiment, "quick", LINES)
    fresh = str(client.create_experiment("fresh"))
    synchronise(client, fresh, "quick", LINES)
    assert contents(client, experiment) == contents(client, fresh)


def test_long_curves_and_many_params_are_kept_whole(client: MlflowClient, experiment: str) -> None:
    settings = {f"setting_{index}": index for index in range(250)}
    curve = [float(index) for index in range(2500)]
    long = line("fog", 0, 1.0, settings=settings).model_copy(update={"curves": {"loss": curve}})
    synchronise(client, experiment, "quick", [long])
    run = by_path(client, experiment)[long.path]
    assert [value for _, value in history(client, run, "curves/loss")] == curve
    assert {f"settings.{name}" for name in settings} <= set(run.data.params)


def test_the_parts_of_the_cost_are_points() -> None:
    cost = Cost(seconds=2.5, processor_seconds=2.0, threads=1, parts={"unlearning": 1.5})
    (cell,) = cells_of([line("fog", 0, 1.0, cost=cost)])
    (run,) = cell.records
    assert [(point.name, point.value) for point in run.points if point.name.startswith("cost/")] == [
        ("cost/seconds", 2.5),
        ("cost/processor_seconds", 2.0),
        ("cost/unlearning", 1.5),
    ]


def test_pictures_are_no_metrics() -> None:
    picture = {"forgotten": Picture(bytes="AAEC", shape=[1, 1, 3])}
    shown = line("fog", 0, 1.0).model_copy(update={"pictures": picture})
    assert cells_of([shown]) == cells_of([line("fog", 0, 1.0)])


def test_a_mean_is_shown_only_of_metrics_that_all_seeds_have() -> None:
    lacking = line("fog", 1, 1.0, metrics={"loss": 2.0})
    (cell,) = cells_of([line("fog", 0, 1.0, metrics={"loss": 1.0, "error_percent": 4.0}), lacking])
    assert [(point.name, point.value) for point in cell.run.points] == [("loss", 1.5)]


def write_lines(root: Path, lines: list[Line]) -> None:
    folder = root / "results" / "quick" / "toy"
    folder.mkdir(parents=True)
    (folder / "records.jsonl").write_text("".join(item.model_dump_json() + "\n" for item in lines))


def test_command_writes_what_was_collected(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(folder, LINES)
    mlflow_view.main()
    mlflow_view.main(["toy"])
    assert capsys.readouterr().out.splitlines() == [
        "toy: 2 cells written, 0 deleted, 0 unchanged",
        "toy: 0 cells written, 0 deleted, 2 unchanged",
    ]


def test_the_database_does_not_name_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it still works once the folder is moved."""
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path, LINES[:1])
    mlflow_view.main()
    assert str(tmp_path).encode() not in (tmp_path / "mlflow.db").read_bytes()
    with open_store("sqlite:///mlflow.db") as client:
        experiment = client.get_experiment_by_name("toy")
    assert experiment is not None
    assert experiment.artifact_location == "mlflow-artifacts:/toy"


@pytest.mark.parametrize(
    ("papers", "sentence"),
    [
        (["toi"], "There are no collected records of 'toi' at scale quick. Did you mean 'toy'?"),
        ([], "There are no records at scale full yet. Type: make reproduce SCALE=full"),
    ],
)
def test_missing_records_get_a_sentence(folder: Path, papers: list[str], sentence: str) -> None:
    write_lines(folder, LINES)
    with pytest.raises(SystemExit, match=sentence.replace("?", r"\?")):
        mlflow_view.main(papers, "quick" if papers else "full")


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("mlruns", "MLFLOW_TRACKING_URI is 'mlruns', which MLflow can't keep runs in"),
        ("http://127.0.0.1:9", "server at http://127.0.0.1:9 .* doesn't answer"),
    ],
)
def test_a_store_that_cannot_be_used_gets_a_sentence(uri: str, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence), open_store(uri):
        pass


def test_an_interrupted_creation_leaves_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(uri: str, _: str) -> None:
        Path(uri.removeprefix("sqlite:///")).write_text("half a database")
        raise KeyboardInterrupt

    monkeypatch.setattr("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create_database(tmp_path / "mlflow.db")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def server(folder: Path) -> Iterator[str]:
    """A tracking server on this machine alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", "sqlite:///mlflow.db"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--artifacts-destination", "a"]
    surroundings = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with subprocess.Popen(
        command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield wait_for(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()


def wait_for(uri: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        assert process.poll() is None, "the server stopped"
        try:
            requests.get(f"{uri}/health", timeout=5).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return uri
    raise AssertionError(f"{uri} did not answer within a minute")


@pytest.mark.slow
def test_a_tracking_server_shows_the_same(folder: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_lines(folder, LINES[:2])
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    mlflow_view.main()
    client = MlflowClient(server)
    experiment = client.get_experiment_by_name("toy")
    assert experiment is not None
    assert set(by_path(client, experiment.experiment_id)) == {item.path for item in LINES[:2]}
