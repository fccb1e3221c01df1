"""`python -m common.run_browser`, on SQLite: what it says, finds, keeps and refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from sqlalchemy import create_engine

from common.records.collected import Line
from common.run_browser.__main__ import main
from common.run_browser.notes import searches
from common.run_browser.stores import Store, create_database, open_store
from common.strict import BadInputError
from tests.run_browser.examples import LINES, by_path, contents, line, runs, write_lines

ROOT = Path(__file__).parents[2]
TRACK = "test_time_adaptation"


def experiment_of(store: Store, name: str = TRACK) -> str:
    found = store.client.get_experiment_by_name(name)
    assert found is not None
    return str(found.experiment_id)


def write_recorded(root: Path, name: str, lines: list[Line]) -> Path:
    path = root / "papers" / "toy" / "recorded" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(item.model_dump_json() + "\n" for item in lines))
    return path


def test_it_writes_what_was_collected_and_says_where_to_look(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(folder, LINES)
    main()
    main(["toy"], browser="http://127.0.0.1:5000")
    page = "http://127.0.0.1:5000/#/experiments/1/runs?workflowType=machine_learning"
    assert capsys.readouterr().out.splitlines() == [
        "toy, quick scale: 2 cells written, 0 deleted, 0 unchanged",
        "toy, quick scale: 0 cells written, 0 deleted, 2 unchanged",
        f"{TRACK}: {page}&viewStateShareKey=records",
    ]


def test_a_track_says_what_it_holds_and_opens_on_its_metrics(folder: Path) -> None:
    write_lines(folder, LINES)
    write_lines(folder, [line("fog", 0, 1.0, paper="other")])
    main()
    with open_store("sqlite:///mlflow.db") as store:
        tags = store.client.get_experiment(experiment_of(store)).tags
    assert tags["mlflow.note.content"].startswith("Test time adaptation: every run of other, toy\n")
    assert "<code>tags.paper = 'other'</code>" in tags["mlflow.note.content"]
    assert "metrics.`error_percent.low`" in tags["mlflow.sharedViewState.records"]


def test_the_searches_of_the_description_find_what_they_say(folder: Path) -> None:
    dirty = line("frost", 0, 3.0, commit="e" * 40 + "-dirty", code="f" * 64, method="bn_adapt")
    write_lines(folder, [*LINES, dirty])
    write_lines(folder, [line("fog", 0, 1.0, paper="other")])
    (folder / "results/quick/toy/verdicts.json").write_text(
        '{"paper": "toy", "scale": "quick", "verdicts": [{"claim": "c", "kind": "effect", "statement": "s",'
        '"where": "w", "unit": "%", "scale": "quick", "word": "fails", "sentence": "It fails."}]}'
    )
    write_recorded(folder, "h100", [line("fog", 0, 1.0, scale="full")])
    main()
    found = {}
    with open_store("sqlite:///mlflow.db") as store:
        for what, search in searches(LINES[0].record).items():
            hits = runs(store.client, experiment_of(store), search)
            found[what] = sorted(f"{run.data.tags['paper']} {run.data.tags['kind']}" for run in hits)
    toy, full = ["toy record"] * 7, ["toy cell", "toy paper", "toy record"]
    assert found == {
        "a paper": sorted([*["toy cell"] * 3, "toy paper", *toy, *full]),
        "its cells, without seeds": ["toy cell"] * 4,
        "its tables and figures": ["toy paper"] * 2,
        "a method": sorted(["other cell", "other record", *["toy cell"] * 3, *["toy record"] * 7]),
        "a condition": sorted(["other cell", "other record", *["toy cell"] * 4, *["toy record"] * 8]),
        "papers with a claim that fails": ["toy paper"],
        "one seed": ["other record", *["toy record"] * 4],
        "a record by its identity": ["toy record"],
        "what ran the same code": ["other record", *["toy record"] * 7],
        "what ran at a commit": ["other record", *["toy record"] * 7],
        "what ran with uncommitted changes": ["toy record"],
        "full-scale runs made elsewhere": full,
    }


def test_recorded_runs_stand_beside_those_made_here(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(folder, LINES)
    path = write_recorded(
        folder, "h100", [line("fog", 0, 1.0, scale="full"), line("fog", 1, 2.0, scale="full")]
    )
    main()
    path.unlink()
    main()
    assert capsys.readouterr().out.splitlines() == [
        "toy, quick scale: 2 cells written, 0 deleted, 0 unchanged",
        "toy, recorded elsewhere: 1 cells written, 0 deleted, 0 unchanged",
        "toy, quick scale: 0 cells written, 0 deleted, 2 unchanged",
        "toy, recorded elsewhere: 0 cells written, 1 deleted, 0 unchanged",
    ]


def test_recorded_runs_alone_are_shown(folder: Path) -> None:
    write_recorded(folder, "h100", [line("fog", 0, 1.0, scale="full")])
    main()
    with open_store("sqlite:///mlflow.db") as store:
        assert len(runs(store.client, experiment_of(store), "tags.origin = 'recorded'")) == 3


def test_an_experiment_deleted_by_hand_comes_back_whole(folder: Path) -> None:
    write_lines(folder, LINES)
    main()
    with open_store("sqlite:///mlflow.db") as store:
        whole = contents(store.client, experiment_of(store))
    write_lines(folder, [line("fog", 0, 99.0), *LINES[1:]])
    main()
    with open_store("sqlite:///mlflow.db") as store:
        store.client.delete_experiment(experiment_of(store))
    write_lines(folder, LINES)
    main()
    with open_store("sqlite:///mlflow.db") as store:
        assert contents(store.client, experiment_of(store)) == whole


def earlier_version(client: MlflowClient, paper: str) -> str:
    """An experiment as it was made when each paper had one."""
    experiment = str(client.create_experiment(paper, f"mlflow-artifacts:/{paper}"))
    cell = client.create_run(experiment, tags={"kind": "cell", "paper": paper, "key": "k", "digest": "d"})
    client.create_run(experiment, tags={"kind": "record", "mlflow.parentRunId": cell.info.run_id})
    return experiment


def test_experiments_of_an_earlier_version_are_removed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store("sqlite:///mlflow.db") as store:
        former = earlier_version(store.client, "toy")
        mine = earlier_version(store.client, "other")
        store.client.create_run(mine, run_name="my own")
    write_lines(folder, LINES)
    write_lines(folder, [line("fog", 0, 1.0, paper="other")])
    main()
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Removed the experiments per paper of an earlier version: toy"
    )
    with open_store("sqlite:///mlflow.db") as store:
        assert store.client.get_experiment(former).lifecycle_stage == "deleted"
        assert store.client.get_experiment(mine).lifecycle_stage == "active"


def test_the_database_does_not_name_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it still works once the folder is moved."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    write_lines(tmp_path, LINES[:1])
    main()
    assert str(tmp_path).encode() not in (tmp_path / "mlflow.db").read_bytes()
    with open_store("sqlite:///mlflow.db") as store:
        location = store.client.get_experiment(experiment_of(store)).artifact_location
    assert location == f"mlflow-artifacts:/{TRACK}"


@pytest.mark.parametrize(
    ("papers", "sentence"),
    [
        (["toi"], r"There are no collected records of 'toi' at scale quick. Did you mean 'toy'\?"),
        ([], "There are no records at scale full yet. Type: make reproduce SCALE=full"),
    ],
)
def test_missing_records_get_a_sentence(folder: Path, papers: list[str], sentence: str) -> None:
    write_lines(folder, LINES)
    with pytest.raises(SystemExit, match=sentence):
        main(papers, "quick" if papers else "full")


def test_a_paper_whose_files_are_empty_is_passed_over(folder: Path) -> None:
    write_lines(folder, LINES)
    (folder / "results/quick/none").mkdir()
    (folder / "results/quick/none/records.jsonl").write_text("")
    main()
    with open_store("sqlite:///mlflow.db") as store:
        assert len(by_path(store.client, experiment_of(store))) == len(LINES)


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("mlruns", "MLFLOW_TRACKING_URI is 'mlruns', which MLflow can't keep runs in"),
        (
            "http://127.0.0.1:9",
            "server at http://127.0.0.1:9 .* doesn't answer.*Nothing is lost.*make mlflow",
        ),
    ],
)
def test_a_store_that_cannot_be_used_gets_a_sentence(uri: str, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence), open_store(uri):
        pass


def test_commits_do_not_wait_for_the_disk_while_it_writes(folder: Path) -> None:
    def synchronous() -> int:
        with create_engine("sqlite:///mlflow.db").connect() as connection:
            return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    with open_store("sqlite:///mlflow.db"):
        assert synchronous() == 1  # SQLite's number for NORMAL
    assert synchronous() == 2  # and for FULL, its default


def test_an_interrupted_creation_leaves_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(uri: str, _: str) -> None:
        Path(uri.removeprefix("sqlite:///")).write_text("half a database")
        raise KeyboardInterrupt

    monkeypatch.setattr("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create_database(tmp_path / "mlflow.db")
    assert not list(tmp_path.iterdir())


def test_its_help_loads_nothing_heavy() -> None:
    program = (
        "import sys, common.run_browser.__main__; print([name for name in sys.modules if '.' not in name])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for module in ("mlflow", "scipy", "matplotlib", "pandas", "torch", "sklearn"):
        assert f"'{module}'" not in loaded
