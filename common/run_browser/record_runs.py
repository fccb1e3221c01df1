"""What records look like as runs: one per record, below one per cell that shows means and intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce

from common.records.collected import Line
from common.records.schema import Record, content_hash
from common.run_browser.contents import Cell, Origin, Point, Run
from common.run_browser.wording import (
    cell_name,
    clean,
    condition_tag,
    flat_params,
    metric_name,
    record_name,
)
from common.stats.intervals import mean_interval

_POINTS_OF_A_CURVE = 1000
_MEASURED = ("memory_mib", "accelerator_memory_mib", "energy_joules")


def cells_of(lines: Iterable[Line], origin: Origin = "here", source: str = "") -> list[Cell]:
    """The cells that the records belong to, in the order of their first record.

    `source` names the file of records made elsewhere: two files may hold the same cell.
    """
    grouped: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        grouped[_cell_key(line.record, origin, source)].append(line)
    tags = {"origin": origin} | ({"recording": source} if source else {})
    return [
        _cell(key, sorted(group, key=lambda line: line.record.seed), tags) for key, group in grouped.items()
    ]


def finished_at(record: Record) -> int:
    """When the run was finished, in milliseconds since 1970, UTC."""
    return int(datetime.fromisoformat(record.finished).timestamp() * 1000)


def points_with_interval(name: str, mean: float, low: float, high: float) -> Iterator[Point]:
    """An estimate and the ends of its interval."""
    for end, value in (("", mean), (".low", low), (".high", high)):
        yield Point(metric_name(f"{name}{end}"), value)


def _cell(key: str, lines: list[Line], tags: dict[str, str]) -> Cell:
    records = [line.record for line in lines]
    runs = tuple(_record_run(line, tags) for line in lines)
    run = Run(
        name=cell_name(records[0]),
        tags=_cell_tags(records[0]) | tags | {"kind": "cell"},
        params=_common(run.params for run in runs) | {"n": str(len(runs))},
        points=tuple(_means(records)),
        datasets=_common(run.datasets for run in runs),
        started=min(run.started for run in runs),
        ended=max(run.ended for run in runs),
    )
    return Cell(key, run, runs)


def _record_run(line: Line, tags: dict[str, str]) -> Run:
    record = line.record
    ended = finished_at(record)
    return Run(
        name=record_name(record),
        tags=_cell_tags(record) | tags | _record_tags(line),
        params=_params(record) | {"seed": str(record.seed)},
        points=tuple(_points(record, line.curves or {})),
        datasets={clean(name, 500): content for name, content in record.data.items()},
        started=ended - round(record.cost.seconds * 1000),
        ended=ended,
    )


def _means(records: list[Record]) -> Iterator[Point]:
    """Mean over the seeds of each metric that all of them have; from two seeds on with its 95 % interval."""
    for name in records[0].metrics:
        values = [record.metrics[name] for record in records if name in record.metrics]
        if len(values) < len(records):
            continue
        if len(values) == 1:
            yield Point(metric_name(name), values[0])
        else:
            found = mean_interval(values)
            yield from points_with_interval(name, found.estimate, found.low, found.high)


def _common(mappings: Iterable[dict[str, str]]) -> dict[str, str]:
    """What all of the mappings agree on."""
    return reduce(
        lambda first, second: {name: value for name, value in first.items() if second.get(name) == value},
        mappings,
    )


def _cell_key(record: Record, origin: Origin, source: str) -> str:
    condition = sorted(record.condition.items())
    return content_hash([origin, source, record.scale, record.paper, record.step, record.method, condition])


def _cell_tags(record: Record) -> dict[str, str]:
    return {
        "track": record.track,
        "paper": record.paper,
        "step": record.step,
        "method": record.method,
        "condition": clean(condition_tag(record.condition)),
        "scale": record.scale,
    }


def _record_tags(line: Line) -> dict[str, str]:
    record = line.record
    return {
        "kind": "record",
        "seed": str(record.seed),
        "code": clean(record.code),
        "commit": clean(record.commit),
        "identity": record.identity(),
        "path": clean(line.path),
        "finished": record.finished,
        "processor": clean(record.machine.processor),
        "accelerator": clean(record.machine.accelerator or "none"),
        "mlflow.source.name": clean(line.path),
        "mlflow.source.git.commit": clean(record.commit),
    }


def _params(record: Record) -> dict[str, str]:
    return (
        flat_params("condition", record.condition)
        | flat_params("settings", record.settings)
        | flat_params("protocol", record.protocol)
    )


def _points(record: Record, curves: Mapping[str, list[float]]) -> Iterator[Point]:
    """Results, cost, and the curves under `curves/…`: a curve's end must not replace a result's value."""
    for name, value in record.metrics.items():
        yield Point(metric_name(name), value)
    measured = {name: getattr(record.cost, name) for name in _MEASURED}
    for name, value in (record.cost.times() | measured).items():
        if value is not None:
            yield Point(f"cost/{name}", value)
    for name, values in curves.items():
        shown = metric_name(f"curves/{name}")
        yield from (Point(shown, values[step], step) for step in shown_steps(len(values)))


def shown_steps(length: int) -> Sequence[int]:
    """Which points of a curve are shown: all, or a thousand that lie evenly from the first to the last.

    The run browser draws fewer, and a simulation of 10,000 steps takes longer to write than 300 runs.
    """
    if length <= _POINTS_OF_A_CURVE:
        return range(length)
    last = _POINTS_OF_A_CURVE - 1
    return [round(index * (length - 1) / last) for index in range(_POINTS_OF_A_CURVE)]
