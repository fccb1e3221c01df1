"""The figure of accuracy against cost: every network, and the Pareto front."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.records.schema import Record
from common.stats.intervals import mean_interval
from papers.one_recipe.figures._networks import LABELS, Row, look

TITLE = "Accuracy against cost"
CAPTION = (
    "Test accuracy of each network, mean over seeds with its 95 % interval, against the multiply-adds of an "
    "image and against the processor time of training on one, taken side by side. The line joins the "
    "networks that no other is ahead of in both: the Pareto front of the means. Parameters are matched."
)
REPRODUCES = "no paper's figure"
ALTERNATIVE = "One point per network in two panels. The table below has the numbers."

COSTS = {"multiply_adds": "multiply-adds, millions", "milliseconds": "training time of an image, ms"}


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw both panels; means, intervals and costs are returned as rows."""
    panels = figure.subplots(1, 2, sharey=True)
    figure.set_size_inches(8.4, 4.0)
    rows = rows_of([line.record for line in collected])
    for panel, (cost, label) in zip(panels, COSTS.items(), strict=True):
        _draw_panel(panel, cost, label, rows)
    panels[0].set_ylabel("accuracy, %")
    if rows:
        panels[1].legend(fontsize=7, bbox_to_anchor=(1.02, 1.0), loc="upper left")
    return rows


def rows_of(records: Sequence[Record]) -> list[Row]:
    """A row for each network of the step `comparison`, with its time of the step `throughput` if it ran."""
    found: dict[str, list[Record]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    for record in records:
        network = str(record.condition.get("network"))
        if record.step == "comparison":
            found[network].append(record)
        if record.step == "throughput":
            times[network].append(1000 * record.cost.parts["training"] / record.metrics["images"])
    return [_row(name, found[name], times[name]) for name in LABELS if name in found]


def front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of (cost, accuracy), those that are more accurate than all that cost as much or less."""
    kept: list[tuple[float, float]] = []
    for cost, accuracy in sorted(points, key=lambda point: (point[0], -point[1])):
        if not kept or accuracy > kept[-1][1]:
            kept.append((cost, accuracy))
    return kept


def _row(name: str, records: Sequence[Record], times: Sequence[float]) -> Row:
    values = [record.metrics["accuracy"] for record in records]
    interval = mean_interval(values) if len(values) > 1 else None
    return {
        "network": LABELS[name],
        "id": name,
        "accuracy": fmean(values),
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "multiply_adds": records[0].metrics["multiply_adds"] / 1e6,
        "milliseconds": fmean(times) if times else None,
    }


def _draw_panel(panel: Any, cost: str, label: str, rows: Sequence[Row]) -> None:
    """A network has the same colour and mark in both panels."""
    points = []
    for row in rows:
        if row[cost] is None:
            continue
        x, y = float(str(row[cost])), float(str(row["accuracy"]))
        points.append((x, y))
        half = float(row["high"]) - y if row["high"] is not None else 0.0
        bars = {"yerr": [half], "capsize": 2, "elinewidth": 0.8, "ms": 5, "ls": ""}
        panel.errorbar([x], [y], label=str(row["network"]), **bars, **look(str(row["id"])))
    best = front(points)
    panel.plot([x for x, _ in best], [y for _, y in best], color="0.6", lw=1, zorder=0)
    panel.set_xlabel(label)
