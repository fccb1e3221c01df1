"""Lines of a metric over a condition, with their bands over seeds: what the paper's figures share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

Row = dict[str, str | int | float | bool | None]


def rows_of(
    collected: Sequence[Line], label: str, step: str, method: str, over: str, metric: str = "accuracy"
) -> list[Row]:
    """A row for each value of the condition `over`, ascending: the metric's mean and its 95 % interval."""
    found: dict[float, list[float]] = defaultdict(list)
    for line in collected:
        record = line.record
        if (record.step, record.method) == (step, method) and over in record.condition:
            found[float(record.condition[over])].append(record.metrics[metric])
    rows: list[Row] = []
    for value, measured in sorted(found.items()):
        interval = mean_interval(measured) if len(measured) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        rows.append({"line": label, over: value, "mean": fmean(measured), "low": low, "high": high})
    return rows


def draw_line(panel: Any, rows: Sequence[Row], over: str, **style: Any) -> None:
    """Draw the rows of one line with its band, if there are any."""
    if not rows:
        return
    across = [row[over] for row in rows]
    (line,) = panel.plot(across, [row["mean"] for row in rows], label=rows[0]["line"], **style)
    if all(row["low"] is not None for row in rows):
        bounds = [[row[side] for row in rows] for side in ("low", "high")]
        panel.fill_between(across, *bounds, color=line.get_color(), alpha=0.15, lw=0)
