"""How MLflow's run browser opens a track: with the columns that matter, by a link that can be passed on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from common.records.schema import Record
from common.run_browser.wording import metric_name

# The tag under which MLflow 3 keeps what its "Share" button shares. A version that knows it no longer shows
# its own columns and is otherwise the same.
_KEY = "records"
VIEW_TAG = f"mlflow.sharedViewState.{_KEY}"
_METRICS = 4
_TAGS = ("condition", "step")


def shared_view(records: Iterable[Record]) -> str:
    """The state of the list of runs: the commonest metrics, the first of them with its interval."""
    counts = Counter(metric_name(name) for record in records for name in record.metrics)
    metrics = [name for name, _ in counts.most_common(_METRICS)]
    if metrics:
        metrics[1:1] = [f"{metrics[0]}.low", f"{metrics[0]}.high"]
    columns = [f"metrics.`{name}`" for name in metrics]
    columns += ["params.`n`", *(f"tags.`{name}`" for name in _TAGS)]
    return json.dumps(
        {
            "searchFilter": "",
            "orderByKey": "attributes.start_time",
            "orderByAsc": False,
            "startTime": "ALL",
            "lifecycleFilter": "Active",
            "datasetsFilter": [],
            "modelVersionFilter": "All Runs",
            "selectedColumns": columns,
        }
    )


def track_page(server: str, experiment: str) -> str:
    """The address of a track in the run browser, as a place for training runs and not for language models."""
    return (
        f"{server.rstrip('/')}/#/experiments/{experiment}/runs"
        f"?workflowType=machine_learning&viewStateShareKey={_KEY}"
    )
