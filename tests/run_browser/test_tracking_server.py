"""A real `mlflow server` on a real PostgreSQL: the same view, whatever becomes of the server meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from mlflow import MlflowClient

from common.records.collected import Line
from common.run_browser.__main__ import main
from common.run_browser.stores import Store, open_store
from common.run_browser.synchronising import Changes, synchronise
from common.strict import BadInputError
from tests.run_browser.examples import by_path, contents, line, runs, scope_of, write_lines
from tests.run_browser.servers import MlflowServer
from tests.run_browser.test_synchronising import check_hostile

pytestmark = pytest.mark.slow
SENTENCE = r"stopped in the middle.*\nNothing is lost.*make mlflow"
CORRUPTIONS = ("fog", "snow", "frost", "blur", "noise", "rain")
MANY = [line(corruption, seed, 10.0 + seed) for corruption in CORRUPTIONS for seed in (0, 1)]


def new_experiment(store: Store, name: str) -> str:
    return str(store.client.create_experiment(name))


def expected(store: Store, name: str, lines: list[Line]) -> list[str]:
    """What an undisturbed synchronisation leaves."""
    experiment = new_experiment(store, f"expected {name}")
    synchronise(store, experiment, scope_of(lines))
    return contents(store.client, experiment)


def test_it_shows_the_same_as_a_file(
    folder: Path, server: MlflowServer, store: Store, experiment: str
) -> None:
    synchronise(store, experiment, scope_of(MANY))
    with open_store(server.uri) as served:
        assert contents(store.client, experiment) == expected(served, "the same", MANY)


def test_tables_are_served_to_whoever_asks(
    folder: Path, server: MlflowServer, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line("fog", 0, 1.0, track="served")]
    write_lines(folder, lines)
    table = folder / "results/quick/toy/tables/main.md"
    table.parent.mkdir()
    table.write_text("| a table |")
    main()
    main()
    said = capsys.readouterr().out.splitlines()
    assert said[2] == "toy, quick scale: 0 cells written, 0 deleted, 1 unchanged"
    assert said[3].startswith(f"served: {server.uri}/#/experiments/")
    client = MlflowClient(server.uri)
    found = client.get_experiment_by_name("served")
    assert found is not None
    (paper,) = runs(client, found.experiment_id, "tags.kind = 'paper'")
    address = f"{server.uri}/get-artifact?path=tables/main.md&run_id={paper.info.run_id}"
    assert requests.get(address, timeout=30).text == "| a table |"


def test_hostile_text_is_harmless_there_too(server: MlflowServer) -> None:
    with open_store(server.uri) as store:
        check_hostile(store, new_experiment(store, "hostile"))


@pytest.mark.parametrize("calls", [3, 18])
def test_a_server_killed_in_the_middle_is_completed_exactly_once(
    server: MlflowServer, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    with open_store(server.uri) as store:
        whole = expected(store, f"killed at {calls}", MANY)
        experiment = new_experiment(store, f"killed at {calls}")
    counted, log_batch = iter(range(1000)), MlflowClient.log_batch

    def killing(*arguments: Any, **options: Any) -> None:
        if next(counted) == calls:
            server.kill()
        log_batch(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "log_batch", killing)
        with pytest.raises(BadInputError, match=SENTENCE), open_store(server.uri) as store:
            synchronise(store, experiment, scope_of(MANY))
    server.start()
    with open_store(server.uri) as store:
        half = contents(store.client, experiment)
        assert half != whole
        changes = synchronise(store, experiment, scope_of(MANY))
        assert contents(store.client, experiment) == whole
        assert changes.written + changes.unchanged == len(CORRUPTIONS)
        assert synchronise(store, experiment, scope_of(MANY)) == Changes(0, 0, len(CORRUPTIONS))


@pytest.mark.parametrize("delay", [0.0, 0.3, 1.0])
def test_two_at_once_leave_each_run_exactly_once(server: MlflowServer, delay: float) -> None:
    with open_store(server.uri) as store:
        whole = expected(store, f"two {delay}", MANY)
        experiment = new_experiment(store, f"two {delay}")
    stopped: list[BadInputError] = []

    def work(wait: float) -> None:
        threading.Event().wait(wait)
        try:
            with open_store(server.uri) as mine:
                synchronise(mine, experiment, scope_of(MANY))
        except BadInputError as error:
            stopped.append(error)

    workers = [threading.Thread(target=work, args=(wait,)) for wait in (0.0, delay)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    excused = ("another synchronisation was writing", "Another process keeps writing")
    assert [str(error) for error in stopped if not any(words in str(error) for words in excused)] == []
    with open_store(server.uri) as store:
        synchronise(store, experiment, scope_of(MANY))
        assert contents(store.client, experiment) == whole
        assert len(by_path(store.client, experiment)) == len(MANY)
