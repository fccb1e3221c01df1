"""The figure of accuracy against cost: the enhanced CNN, its ablations and its baselines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.records.schema import Record
from common.stats.intervals import mean_interval

TITLE = "Accuracy against cost"
CAPTION = (
    "Test accuracy on CIFAR-10 of each network against its multiply-adds, mean over seeds with its 95 % "
    "interval. The line joins the networks that no other is ahead of in both: the Pareto front of the means."
)
REPRODUCES = "no figure of the paper that was at hand; its comparisons, with what each network costs"
ALTERNATIVE = "One point per network. The table below has the numbers."

MARKERS = "osD^vP*Xdp<>"
LABELS = {
    "linear": "linear layer on pixels",
    "lenet": "LeNet-5",
    "lenet_wider": "LeNet-5, wider",
    "standard": "standard CNN",
    "resnet": "ResNet",
    "enhanced": "enhanced CNN",
    "no_batch_norm": "without batch norm.",
    "no_dropout": "without dropout",
    "shallower": "one convolution a block",
    "shallower_wider": "one convolution, wider",
    "fewer_filters": "half of the filters",
}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one point per network, its cost in thousands; means, intervals and costs are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(7.0, 4.0)
    rows = rows_of([line.record for line in collected])
    points = [(float(row["multiply_adds"] or 0) / 1000, float(row["accuracy"] or 0)) for row in rows]
    for place, (row, (x, y)) in enumerate(zip(rows, points, strict=True)):
        half = float(row["high"]) - y if row["high"] is not None else 0.0
        look = {"fmt": MARKERS[place % len(MARKERS)], "ms": 5, "capsize": 2, "elinewidth": 0.8}
        panel.errorbar([x], [y], yerr=[half], label=str(row["network"]), **look)
    best = front(points)
    panel.plot([x for x, _ in best], [y for _, y in best], color="0.6", lw=1, zorder=0)
    panel.set_xlabel("multiply-adds, thousands")
    panel.set_ylabel("accuracy, %")
    if rows:
        panel.set_xscale("log")
        panel.legend(fontsize=7, bbox_to_anchor=(1.02, 1.0), loc="upper left")
    return rows


def rows_of(records: Sequence[Record]) -> list[Row]:
    """A row for each network of the step `comparison`, the cheapest first."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.step == "comparison":
            found[str(record.condition["network"])].append(record)
    rows = [_row(name, of_network) for name, of_network in found.items()]
    return sorted(rows, key=lambda row: float(row["multiply_adds"] or 0))


def front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of (cost, accuracy), those that are more accurate than all that cost as much or less."""
    kept: list[tuple[float, float]] = []
    for cost, accuracy in sorted(points, key=lambda point: (point[0], -point[1])):
        if not kept or accuracy > kept[-1][1]:
            kept.append((cost, accuracy))
    return kept


def _row(name: str, records: Sequence[Record]) -> Row:
    values = [record.metrics["accuracy"] for record in records]
    interval = mean_interval(values) if len(values) > 1 else None
    costs = {cost: records[0].metrics[cost] for cost in ("multiply_adds", "parameters")}
    bounds = {"low": interval.low if interval else None, "high": interval.high if interval else None}
    return {"network": LABELS.get(name, name), "accuracy": fmean(values), **bounds, **costs}
