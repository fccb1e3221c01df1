"""What a record looks like as a run in MLflow: its name, tags, params, metrics, data sets and times."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.records.schema import Record, content_hash


@dataclass(frozen=True)
class Point:
    """One value of a metric; `step` is 0 for a result, the index in its list for a point of a curve."""

    name: str
    value: float
    step: int


@dataclass(frozen=True)
class Run:
    """All that is written for one run."""

    name: str
    tags: dict[str, str]
    params: dict[str, str]
    points: tuple[Point, ...]
    datasets: dict[str, str]  # name -> canonical content hash
    started: int  # milliseconds since 1970, UTC
    ended: int


@dataclass(frozen=True)
class Cell:
    """The run of a cell and those of its records, by seed; `key` tells the cells of an experiment apart."""

    key: str
    run: Run
    records: tuple[Run, ...]

    def digest(self) -> str:
        """Hash of all contents: a cell in MLflow with the same key and digest needs no writing."""
        return content_hash([asdict(run) for run in (self.run, *self.records)])


def cells_of(lines: Iterable[Line]) -> list[Cell]:
    """The cells that the records belong to, in the order of their first record."""
    grouped: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        grouped[_cell_key(line.record)].append(line)
    return [_cell(key, sorted(group, key=lambda line: line.record.seed)) for key, group in grouped.items()]


def _cell(key: str, lines: list[Line]) -> Cell:
    first = lines[0].record
    records = tuple(_record_run(line) for line in lines)
    run = Run(
        name=_cell_name(first),
        tags=_cell_tags(first) | {"kind": "cell"},
        params=_flat("condition", first.condition) | {"seeds": str(len(records))},
        points=tuple(_means([line.record for line in lines])),
        datasets={},
        started=min(record.started for record in records),
        ended=max(record.ended for record in records),
    )
    return Cell(key, run, records)


def _record_run(line: Line) -> Run:
    record = line.record
    ended = int(datetime.fromisoformat(record.finished).timestamp() * 1000)
    return Run(
        name=f"{_cell_name(record)} seed {record.seed}",
        tags=_cell_tags(record) | _record_tags(line),
        params=_params(record) | {"seed": str(record.seed)},
        points=tuple(_points(record, line.curves or {})),
        datasets=record.data,
        started=ended - round(record.cost.seconds * 1000),
        ended=ended,
    )


def _means(records: list[Record]) -> Iterator[Point]:
    """Mean over the seeds of each metric that all of them have."""
    for name in records[0].metrics:
        values = [record.metrics[name] for record in records if name in record.metrics]
        if len(values) == len(records):
            yield Point(name, fmean(values), 0)


def _cell_key(record: Record) -> str:
    return f"{record.scale}/{record.paper}/{record.step}/{record.method}/{_condition(record)}"


def _cell_name(record: Record) -> str:
    values = " ".join(str(value) for value in record.condition.values())
    return f"{record.step} {record.method} {values}".rstrip()


def _condition(record: Record) -> str:
    return " ".join(f"{name}={_text(value)}" for name, value in sorted(record.condition.items()))


def _cell_tags(record: Record) -> dict[str, str]:
    return {
        "track": record.track,
        "paper": record.paper,
        "step": record.step,
        "method": record.method,
        "condition": _condition(record),
        "scale": record.scale,
    }


def _record_tags(line: Line) -> dict[str, str]:
    record = line.record
    return {
        "kind": "record",
        "seed": str(record.seed),
        "code": record.code,
        "commit": record.commit,
        "identity": record.identity(),
        "path": line.path,
        "finished": record.finished,
        "processor": record.machine.processor,
        "accelerator": record.machine.accelerator or "none",
        "mlflow.source.name": line.path,
        "mlflow.source.git.commit": record.commit,
    }


def _params(record: Record) -> dict[str, str]:
    return (
        _flat("condition", record.condition)
        | _flat("settings", record.settings)
        | _flat("protocol", record.protocol)
    )


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Nested mappings as dotted names; what isn't a mapping is written as JSON, text as it is."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        dotted = f"{prefix}.{name}"
        flat |= _flat(dotted, value) if isinstance(value, Mapping) else {dotted: _text(value)}
    return flat


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _points(record: Record, curves: Mapping[str, list[float]]) -> Iterator[Point]:
    """Results, cost, and the curves under `curves/…`: a curve's end must not replace a result's value."""
    for name, value in record.metrics.items():
        yield Point(name, value, 0)
    for name, seconds in record.cost.times().items():
        yield Point(f"cost/{name}", seconds, 0)
    for name, values in curves.items():
        yield from (Point(f"curves/{name}", value, step) for step, value in enumerate(values))
