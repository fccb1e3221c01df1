"""The view in MLflow equals the records after every synchronisation, whatever was there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from common.run_browser.contents import File
from common.run_browser.paper_run import Outcome
from common.run_browser.stores import Store
from common.run_browser.synchronising import Changes, synchronise
from common.run_browser.writing import write_cell
from tests.run_browser.examples import LINES, by_path, contents, datasets, history, line, runs, scope_of

CALLS = ("create_run", "log_batch", "log_inputs", "set_terminated", "delete_run")


def test_a_record_is_shown_whole(store: Store, experiment: str) -> None:
    synchronise(store, experiment, scope_of(LINES))
    run = by_path(store.client, experiment)[LINES[1].path]
    record = LINES[1].record
    assert run.data.metrics["error_percent"] == 11.0
    assert history(store.client, run, "curves/error_percent") == [(0, 30.0), (1, 20.0), (2, 10.0)]
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
    assert (tags | {"origin": "here"}).items() <= run.data.tags.items()
    (dataset,) = datasets(run)
    assert (dataset.name, dataset.digest, dataset.source) == ("cifar10", "a" * 36, "a" * 64)
    assert (run.info.status, run.info.end_time - run.info.start_time) == ("FINISHED", 2500)


def test_seeds_lie_below_their_cell(client: MlflowClient, store: Store, experiment: str) -> None:
    synchronise(store, experiment, scope_of(LINES))
    cells = {run.info.run_id: run for run in runs(client, experiment, "tags.kind = 'cell'")}
    assert {cell.data.tags["condition"] for cell in cells.values()} == {
        "corruption=fog severity=5",
        "corruption=snow severity=5",
    }
    for run in by_path(client, experiment).values():
        parent = cells[run.data.tags["mlflow.parentRunId"]]
        assert parent.data.tags["condition"] == run.data.tags["condition"]
        assert parent.data.metrics["error_percent"] == 11.0


def test_a_second_time_changes_nothing(client: MlflowClient, store: Store, experiment: str) -> None:
    assert synchronise(store, experiment, scope_of(LINES)) == Changes(2, 0, 0)
    before = {run.info.run_id for run in runs(client, experiment)}
    for thorough in (False, True):
        assert synchronise(store, experiment, scope_of(LINES), thorough) == Changes(0, 0, 2)
    assert {run.info.run_id for run in runs(client, experiment)} == before


def test_a_second_time_reads_no_cell(store: Store, experiment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it takes no longer with a hundred papers than with one."""
    synchronise(store, experiment, scope_of(LINES))
    search = MlflowClient.search_runs
    found: list[Run] = []

    def watched(*arguments: Any, **options: Any) -> Any:
        found.extend(page := search(*arguments, **options))
        return page

    monkeypatch.setattr(MlflowClient, "search_runs", watched)
    synchronise(store, experiment, scope_of(LINES))
    assert [run.data.tags["kind"] for run in found] == ["paper"]


def test_a_changed_record_replaces_its_cell_and_leaves_others(
    client: MlflowClient, store: Store, experiment: str
) -> None:
    synchronise(store, experiment, scope_of(LINES))
    before = by_path(client, experiment)
    changed = [line("fog", 0, 50.0), *LINES[1:]]
    assert synchronise(store, experiment, scope_of(changed)) == Changes(1, 1, 1)
    after = by_path(client, experiment)
    assert after[LINES[0].path].data.metrics["error_percent"] == 50.0
    assert after[LINES[3].path].info.run_id == before[LINES[3].path].info.run_id
    assert len(runs(client, experiment)) == 9


def test_a_rerun_that_repeats_the_numbers_still_shows_its_own_commit(
    client: MlflowClient, store: Store, experiment: str
) -> None:
    synchronise(store, experiment, scope_of(LINES))
    again = [line("fog", 0, 10.0, commit="e" * 40), *LINES[1:]]
    assert again[0].record.identity() == LINES[0].record.identity()
    synchronise(store, experiment, scope_of(again))
    assert by_path(client, experiment)[LINES[0].path].data.tags["commit"] == "e" * 40


def test_runs_of_deleted_records_are_removed(client: MlflowClient, store: Store, experiment: str) -> None:
    synchronise(store, experiment, scope_of(LINES))
    assert synchronise(store, experiment, scope_of(LINES[:3])) == Changes(0, 1, 1)
    assert set(by_path(client, experiment)) == {item.path for item in LINES[:3]}
    assert synchronise(store, experiment, scope_of([])) == Changes(0, 1, 0)
    assert runs(client, experiment) == []


def test_other_scales_papers_and_runs_are_left_alone(
    client: MlflowClient, store: Store, experiment: str
) -> None:
    client.create_run(experiment, run_name="somebody's own")
    synchronise(store, experiment, scope_of([line("fog", 0, 1.0, scale="smoke")], scale="smoke"))
    synchronise(store, experiment, scope_of([line("fog", 0, 1.0, paper="other")], paper="other"))
    before = contents(client, experiment)
    synchronise(store, experiment, scope_of(LINES))
    synchronise(store, experiment, scope_of([]))
    assert contents(client, experiment) == before


def test_what_was_deleted_by_hand_comes_back_where_asked(
    client: MlflowClient, store: Store, experiment: str
) -> None:
    synchronise(store, experiment, scope_of(LINES))
    whole = contents(client, experiment)
    client.delete_run(by_path(client, experiment)[LINES[0].path].info.run_id)
    assert synchronise(store, experiment, scope_of(LINES), thorough=True) == Changes(1, 1, 1)
    assert contents(client, experiment) == whole


def test_what_is_there_twice_or_below_nothing_is_removed(
    client: MlflowClient, store: Store, experiment: str
) -> None:
    """As two processes at once, or a call that was made twice, would leave it."""
    synchronise(store, experiment, scope_of(LINES))
    whole = contents(client, experiment)
    for run in runs(client, experiment):
        client.create_run(experiment, run.info.start_time, run.data.tags)
    scope = scope_of(LINES)
    for cell in (*scope.cells, scope.summary):
        assert cell is not None
        write_cell(store, experiment, cell)
    orphan = {**by_path(client, experiment)[LINES[0].path].data.tags, "mlflow.parentRunId": "gone"}
    client.create_run(experiment, tags=orphan)
    synchronise(store, experiment, scope_of(LINES))
    assert contents(client, experiment) == whole


def test_rebuilt_from_nothing_it_is_the_same(client: MlflowClient, store: Store, experiment: str) -> None:
    synchronise(store, experiment, scope_of(LINES[1:]))
    synchronise(store, experiment, scope_of([line("fog", 0, 99.0), *LINES[2:]]))
    synchronise(store, experiment, scope_of(LINES))
    fresh = str(client.create_experiment("fresh"))
    synchronise(store, fresh, scope_of(LINES))
    assert contents(client, experiment) == contents(client, fresh)


def test_more_than_one_call_takes_is_written_whole(
    client: MlflowClient, store: Store, experiment: str
) -> None:
    settings = {f"setting_{index}": index for index in range(250)}
    curve = [float(index) for index in range(1000)]
    curves = {"loss": curve, "accuracy": curve, "rate": curve}
    long = line("fog", 0, 1.0, settings=settings).model_copy(update={"curves": curves})
    synchronise(store, experiment, scope_of([long]))
    run = by_path(client, experiment)[long.path]
    for name in curves:
        assert [value for _, value in history(client, run, f"curves/{name}")] == curve
    assert {f"settings.{name}" for name in settings} <= set(run.data.params)


def test_files_lie_where_they_are_served_and_go_with_their_run(
    folder: Path, store: Store, experiment: str
) -> None:
    table = folder / "main.md"
    table.write_text("| a |")
    synchronise(store, experiment, scope_of(LINES[:1], Outcome(files=(File("tables/main.md", table, "1"),))))
    (run,) = runs(store.client, experiment, "tags.kind = 'paper'")
    served = folder / "mlruns" / run.info.artifact_uri.removeprefix("mlflow-artifacts:/")
    assert (served / "tables" / "main.md").read_text() == "| a |"
    table.write_text("| b |")
    scope = scope_of(LINES[:1], Outcome(files=(File("tables/main.md", table, "2"),)))
    assert synchronise(store, experiment, scope) == Changes(0, 0, 1)
    assert [path.read_text() for path in folder.glob("mlruns/**/*.md")] == ["| b |"]


class Interruption:
    """Lets so many calls of MLflow through and fails at the next, before or after it has had its effect."""

    def __init__(self, patch: pytest.MonkeyPatch, calls: int, after: bool) -> None:
        self.left, self.after, self.came = calls, after, False
        for name in CALLS:
            patch.setattr(MlflowClient, name, self._failing(getattr(MlflowClient, name)))

    def _failing(self, call: Any) -> Any:
        def failing(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left != -1:
                return call(*arguments, **options)
            self.came = True
            if self.after:
                call(*arguments, **options)
            raise MlflowException("the server has gone")

        return failing


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_wherever_it_is_interrupted_the_next_completes_it(
    client: MlflowClient, store: Store, experiment: str, after: bool
) -> None:
    """From two seeds, one of which changed, and a cell that has gone: every call fails once."""
    old = [line("fog", 0, 1.0), line("fog", 1, 2.0), line("snow", 0, 3.0)]
    new = [line("fog", 0, 1.0), line("fog", 1, 9.0)]
    synchronise(store, experiment, scope_of(new))
    whole = contents(client, experiment)
    for calls in range(100):
        synchronise(store, experiment, scope_of(old))
        with pytest.MonkeyPatch.context() as patch:
            interruption = Interruption(patch, calls, after)
            try:
                synchronise(store, experiment, scope_of(new))
            except MlflowException:
                assert interruption.came
        synchronise(store, experiment, scope_of(new))
        assert contents(client, experiment) == whole, f"interrupted at call {calls}"
        if not interruption.came:
            assert calls > 15
            return
    raise AssertionError("it never ran through")


HOSTILE = {
    "'; DROP TABLE runs; --": "' OR '1'='1",
    "../../etc/passwd": "<script>alert(1)</script>",
    "a//b": '`tags`.x = "y" | \\ % _',
    "null\0": "zero \0 byte",
    "long" * 100: "x" * 9000,
    "": "",
    "\N{SNOWMAN}": "\u202eright to left",
}


def hostile_lines() -> list[Any]:
    """A record whose every free text is meant to break something."""
    changes: dict[str, Any] = {
        "condition": HOSTILE,
        "settings": {**HOSTILE, "nested": HOSTILE, "list": [*HOSTILE, None]},
        "protocol": HOSTILE,
        "metrics": dict.fromkeys(HOSTILE, 1.0),
        "data": {name: "a" * 64 for name in HOSTILE if name},
        "commit": HOSTILE["null\0"],
        "machine": LINES[0].record.machine.model_copy(update={"processor": "p" * 9000}),
    }
    return [line("fog", seed, 1.0, **changes) for seed in (0, 1)]


def check_hostile(store: Store, experiment: str) -> None:
    """Hostile text is written once, shown as it was or as near to it as MLflow can, and breaks nothing."""
    client = store.client
    synchronise(store, experiment, scope_of(hostile_lines()))
    synchronise(store, experiment, scope_of(hostile_lines()), thorough=True)
    (cell,) = runs(client, experiment, "tags.kind = 'cell'")
    assert len(runs(client, experiment, "tags.kind = 'record'")) == 2
    assert len(cell.data.metrics) == 3 * len(HOSTILE)
    assert len(cell.data.params) == 4 * len(HOSTILE) + len(["list", "n"])
    assert {"<script>alert(1)</script>", "' OR '1'='1"} <= set(cell.data.params.values())
    assert "' OR '1'='1" in cell.info.run_name
    assert len(datasets(cell)) == len(HOSTILE) - 1


def test_hostile_text_is_harmless(store: Store, experiment: str) -> None:
    check_hostile(store, experiment)
