"""Records to show, and what the run browser must then hold, read back through MLflow's own client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, Run

from common.records.collected import Line
from common.records.schema import Cost, MachineFacts, Record, Scale, content_hash
from common.run_browser.contents import Scope
from common.run_browser.paper_run import Outcome, paper_cell
from common.run_browser.record_runs import cells_of

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
    path = f"results/{record.scale}/{record.paper}/records/adaptation/ent/seed{seed}/{corruption}.json"
    return Line(path=path, record=record, curves=CURVES)


LINES = [line(corruption, seed, 10.0 + seed) for corruption in ("fog", "snow") for seed in (0, 1, 2)]


def scope_of(
    lines: list[Line], outcome: Outcome | None = None, paper: str = "toy", scale: Scale = "quick"
) -> Scope:
    """The records of a paper at one scale as they are to be shown."""
    tags = {"track": "test_time_adaptation", "paper": paper, "origin": "here", "scale": scale}
    cells = cells_of(lines)
    summary = paper_cell("A Toy Paper", tags, lines, cells, outcome or Outcome()) if lines else None
    return Scope(paper, "test_time_adaptation", "here", scale, tuple(cells), summary)


def write_lines(root: Path, lines: list[Line]) -> None:
    """Lay records where a reproduction leaves them."""
    first = lines[0].record
    path = root / "results" / first.scale / first.paper / "records.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(item.model_dump_json() + "\n" for item in lines))


def runs(client: MlflowClient, experiment: str, condition: str = "") -> list[Run]:
    return list(client.search_runs([experiment], condition))


def by_path(client: MlflowClient, experiment: str) -> dict[str, Run]:
    return {run.data.tags["path"]: run for run in runs(client, experiment) if "path" in run.data.tags}


def history(client: MlflowClient, run: Run, name: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, name)]


def datasets(run: Run) -> list[Dataset]:
    return [item.dataset for item in run.inputs.dataset_inputs] if run.inputs else []


def contents(client: MlflowClient, experiment: str) -> list[str]:
    """All that the view shows but MLflow's random identifiers, sorted; what is there twice stands twice."""
    found = runs(client, experiment)
    names = {run.info.run_id: run.info.run_name for run in found}
    return sorted(json.dumps(_content(client, run, names), sort_keys=True) for run in found)


def _content(client: MlflowClient, run: Run, names: dict[str, str]) -> list[Any]:
    tags = dict(run.data.tags)
    parent = tags.pop("mlflow.parentRunId", None)
    return [
        run.info.run_name,
        run.info.status,
        run.info.start_time,
        run.info.end_time,
        names[parent] if parent else None,
        tags,
        run.data.params,
        {name: history(client, run, name) for name in run.data.metrics},
        sorted((item.name, item.digest, item.source) for item in datasets(run)),
    ]
