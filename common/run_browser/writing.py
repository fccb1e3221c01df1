"""Writing one cell into MLflow so that an interruption leaves nothing that could be taken for whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.run_browser.contents import Cell, Run
from common.run_browser.stores import Store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as StoredRun

PARENT = "mlflow.parentRunId"  # the tag by which MLflow nests runs
# MLflow's limits for one call are 100 params, 1,000 metrics and 1,000 of both together.
_PARAMS_PER_CALL = 100
_METRICS_PER_CALL = 900
_DIGEST_LENGTH = 36  # of a data set in MLflow; the whole hash stands as its source


def write_cell(store: Store, experiment: str, cell: Cell) -> None:
    """Write the cell's run, those below it and its files; mark them finished only when all are there.

    The cell's own values come after its records: where another process has meanwhile deleted the cell,
    that call fails, and all that was written is still marked as running.
    """
    client = store.client
    created = _create(client, experiment, cell.run, {"key": cell.key, "digest": cell.digest()})
    identifier = created.info.run_id
    children = []
    for record in cell.records:
        child = _create(client, experiment, record, {PARENT: identifier}).info.run_id
        _log(client, child, record)
        children.append((child, record))
    store.add_files(created, cell.files)
    _log(client, identifier, cell.run)
    for child, record in children:
        client.set_terminated(child, "FINISHED", record.ended)
    client.set_terminated(identifier, "FINISHED", cell.run.ended)


def _create(client: MlflowClient, experiment: str, run: Run, more_tags: dict[str, str]) -> StoredRun:
    return client.create_run(experiment, start_time=run.started, tags=run.tags | more_tags, run_name=run.name)


def _log(client: MlflowClient, identifier: str, run: Run) -> None:
    """Everything but tags, which a run is created with, in as few calls as MLflow allows."""
    from mlflow.entities import Metric, Param

    params = [Param(name, value) for name, value in run.params.items()]
    metrics = [Metric(point.name, point.value, run.ended, point.step) for point in run.points]
    while params or metrics:
        client.log_batch(identifier, metrics[:_METRICS_PER_CALL], params[:_PARAMS_PER_CALL])
        del params[:_PARAMS_PER_CALL], metrics[:_METRICS_PER_CALL]
    _log_datasets(client, identifier, run)


def _log_datasets(client: MlflowClient, identifier: str, run: Run) -> None:
    """Name the data sets as inputs; a second call for the same run adds nothing."""
    from mlflow.entities import Dataset, DatasetInput
    from mlflow.exceptions import MlflowException

    inputs = [
        DatasetInput(Dataset(name, content[:_DIGEST_LENGTH], source_type="content_hash", source=content))
        for name, content in sorted(run.datasets.items())
    ]
    # Two writers may both try to be the first of an experiment to name a data set. The server refuses one of
    # them, who then finds it there.
    attempts = len(inputs) + 1 if inputs else 0
    for left in reversed(range(attempts)):
        try:
            client.log_inputs(identifier, inputs)
            return
        except MlflowException:
            if not left:
                raise
