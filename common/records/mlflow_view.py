"""`python -m common.records.mlflow_view`: show the records as runs in MLflow.

The records are the truth, the runs a view of them that can be deleted and made again. One experiment per
paper; one run per record, below a run for its cell that shows the means over the seeds. A cell whose runs are
those of its records is left alone, one that changed is written again, one whose records are gone is deleted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from common.records.collected import Line, read_collected
from common.records.mlflow_run import Cell, Run, cells_of
from common.records.mlflow_store import DEFAULT_URI, artifact_location, open_store
from common.records.schema import Scale
from common.strict import BadInputError, suggest

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as StoredRun

# MLflow's limits for one call are 100 params, 1,000 metrics and 1,000 of both together.
_PARAMS_PER_CALL = 100
_METRICS_PER_CALL = 900
_RUNS_PER_PAGE = 1000
_PARENT = "mlflow.parentRunId"  # the tag by which MLflow nests runs
_DIGEST_LENGTH = 36  # of a data set in MLflow; the whole hash stands as its source


@dataclass(frozen=True)
class Changes:
    """How many cells were written, deleted and left as they were; one that changed is deleted and written."""

    written: int
    deleted: int
    unchanged: int


def synchronise(client: MlflowClient, experiment: str, scale: Scale, lines: Iterable[Line]) -> Changes:
    """Make the runs of one paper at one scale equal to its records. `experiment` is MLflow's identifier."""
    wanted = {cell.key: cell for cell in cells_of(lines)}
    total, deleted = len(wanted), 0
    for stored in _stored_runs(client, experiment, f"tags.kind = 'cell' and tags.scale = '{scale}'"):
        cell = wanted.get(stored.data.tags["key"])
        if cell is not None and _shows(stored, cell):
            del wanted[cell.key]
        else:
            _delete_cell(client, experiment, stored.info.run_id)
            deleted += 1
    for cell in wanted.values():
        _write_cell(client, experiment, cell)
    return Changes(len(wanted), deleted, total - len(wanted))


def _shows(stored: StoredRun, cell: Cell) -> bool:
    """Whether the stored run is complete and has the cell's contents."""
    return stored.info.status == "FINISHED" and stored.data.tags["digest"] == cell.digest()


def _stored_runs(client: MlflowClient, experiment: str, condition: str) -> list[StoredRun]:
    runs: list[StoredRun] = []
    token = None
    while True:
        page = client.search_runs([experiment], condition, max_results=_RUNS_PER_PAGE, page_token=token)
        runs.extend(page)
        token = page.token
        if not token:
            return runs


def _delete_cell(client: MlflowClient, experiment: str, identifier: str) -> None:
    """Delete the runs of the records, then the cell's: an interruption leaves none without a parent."""
    for run in _stored_runs(client, experiment, f"tags.`{_PARENT}` = '{identifier}'"):
        client.delete_run(run.info.run_id)
    client.delete_run(identifier)


def _write_cell(client: MlflowClient, experiment: str, cell: Cell) -> None:
    """Write the cell and its records. Its run is marked finished last: an unfinished one is written anew."""
    identifier = _write(client, experiment, cell.run, {"key": cell.key, "digest": cell.digest()})
    for record in cell.records:
        child = _write(client, experiment, record, {_PARENT: identifier})
        client.set_terminated(child, "FINISHED", record.ended)
    client.set_terminated(identifier, "FINISHED", cell.run.ended)


def _write(client: MlflowClient, experiment: str, run: Run, more_tags: dict[str, str]) -> str:
    """Write one run but for its end; returns MLflow's identifier of it."""
    created = client.create_run(
        experiment, start_time=run.started, tags=run.tags | more_tags, run_name=run.name
    )
    identifier = str(created.info.run_id)
    _log_values(client, identifier, run)
    _log_datasets(client, identifier, run)
    return identifier


def _log_values(client: MlflowClient, identifier: str, run: Run) -> None:
    from mlflow.entities import Metric, Param

    params = [Param(name, value) for name, value in run.params.items()]
    metrics = [Metric(point.name, point.value, run.ended, point.step) for point in run.points]
    while params or metrics:
        client.log_batch(identifier, metrics[:_METRICS_PER_CALL], params[:_PARAMS_PER_CALL])
        del params[:_PARAMS_PER_CALL], metrics[:_METRICS_PER_CALL]


def _log_datasets(client: MlflowClient, identifier: str, run: Run) -> None:
    from mlflow.entities import Dataset, DatasetInput

    inputs = [
        DatasetInput(Dataset(name, content[:_DIGEST_LENGTH], source_type="content_hash", source=content))
        for name, content in sorted(run.datasets.items())
    ]
    if inputs:
        client.log_inputs(identifier, inputs)


def _experiment(client: MlflowClient, uri: str, paper: str) -> str:
    """MLflow's identifier of the paper's experiment, which is made when it isn't there."""
    found = client.get_experiment_by_name(paper)
    return str(
        found.experiment_id if found else client.create_experiment(paper, artifact_location(uri, paper))
    )


def _collected_files(scale: Scale, papers: list[str], root: Path) -> dict[str, Path]:
    """The collected records of the named papers, or of all that have some."""
    found = {path.parent.name: path for path in sorted((root / "results" / scale).glob("*/records.jsonl"))}
    unknown = [paper for paper in papers if paper not in found]
    if unknown:
        raise BadInputError(
            f"There are no collected records of '{unknown[0]}' at scale {scale}."
            f"{suggest(unknown[0], found)} Type: make reproduce SCALE={scale}"
        )
    if not found:
        raise BadInputError(f"There are no records at scale {scale} yet. Type: make reproduce SCALE={scale}")
    return {paper: found[paper] for paper in papers or found}


def main(
    papers: Annotated[
        list[str] | None, typer.Argument(help="all papers with records, if none is named")
    ] = None,
    scale: Annotated[Scale, typer.Option(help="smoke, quick or full")] = "quick",
) -> None:
    """Write collected records into MLflow: mlflow.db, or the server that MLFLOW_TRACKING_URI names."""
    uri = os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI
    try:
        files = _collected_files(scale, papers or [], Path.cwd())
        with open_store(uri) as client:
            for paper, path in files.items():
                experiment = _experiment(client, uri, paper)
                changes = synchronise(client, experiment, scale, read_collected(path))
                typer.echo(
                    f"{paper}: {changes.written} cells written, {changes.deleted} deleted, "
                    f"{changes.unchanged} unchanged"
                )
    except BadInputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    typer.run(main)
