"""What both figures share: the values of a selection by seed, and a line of means with its intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.records.query import Selection, metric_value
from common.records.schema import Scalar
from common.stats.intervals import mean_interval

Row = dict[str, str | int | float | bool | None]


def values_by(collected: Sequence[Line], selection: Selection, name: str) -> dict[Scalar, list[float]]:
    """Value of the condition `name` -> the metric of every seed."""
    found: dict[Scalar, list[float]] = defaultdict(list)
    for record in (line.record for line in collected):
        if selection.matches(record) and name in record.condition:
            found[record.condition[name]].append(metric_value(record, selection.metric))
    return found


def draw_line(
    panel: Any, places: Sequence[float], values: Sequence[Sequence[float]], style: dict[str, Any]
) -> list[Row]:
    """Draw means with their 95 % intervals, which are also returned: `mean`, `low` and `high`."""
    rows: list[Row] = []
    for sample in values:
        interval = mean_interval(sample) if len(sample) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        rows.append({"mean": fmean(sample), "low": low, "high": high})
    if rows:
        means = [fmean(sample) for sample in values]
        halves = [float(row["high"] or mean) - mean for row, mean in zip(rows, means, strict=True)]
        panel.errorbar(places, means, yerr=halves, capsize=2, elinewidth=0.8, lw=1.3, ms=4, **style)
    return rows
