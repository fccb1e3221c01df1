"""The figure of learning curves: training loss by epoch, with its band over seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Learning curves in both frameworks"
CAPTION = (
    "Mean training loss of each epoch, mean over seeds with the band of its 95 % interval. Lines are "
    "torch, dots on them Flax."
)
REPRODUCES = "no figure of a paper"
ALTERNATIVE = "A falling line per network over epochs, Flax's dots on it. The table below has the numbers."

NETWORKS = {"resnet": "ResNet", "vit": "ViT", "res_mlp": "ResMLP"}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw a line and band of torch and dots of Flax per network; means and intervals are rows."""
    panel = figure.subplots()
    figure.set_size_inches(6.0, 4.0)
    rows: list[Row] = []
    for number, (name, label) in enumerate(NETWORKS.items()):
        found = {way: rows_of(f"{label}, {way}", losses(collected, name, way)) for way in ("torch", "flax")}
        rows += [*found["torch"], *found["flax"]]
        colour = f"C{number}"
        if found["torch"]:
            _line(panel, found["torch"], label, colour)
        epochs = [int(str(row["epoch"])) for row in found["flax"]]
        panel.plot(epochs, [row["loss"] for row in found["flax"]], "o", color=colour, ms=4)
    panel.set_xlabel("epoch")
    panel.set_ylabel("training loss")
    if rows:
        panel.legend(fontsize=8)
    return rows


def _line(panel: Any, rows: Sequence[Row], label: str, colour: str) -> None:
    epochs = [int(str(row["epoch"])) for row in rows]
    panel.plot(epochs, [row["loss"] for row in rows], label=label, color=colour, lw=1.3)
    if rows[0]["low"] is not None:
        bounds = [[row[side] for row in rows] for side in ("low", "high")]
        panel.fill_between(epochs, *bounds, color=colour, alpha=0.2, lw=0)


def losses(collected: Sequence[Line], network: str, framework: str) -> list[list[float]]:
    """The curve of each seed of a network in a framework."""
    return [
        line.curves["training_loss"]
        for line in collected
        if line.record.step == "training"
        and line.record.method == framework
        and line.record.condition["network"] == network
        and line.curves
    ]


def rows_of(label: str, curves: Sequence[Sequence[float]]) -> list[Row]:
    """A row for each epoch."""
    by_epoch: dict[int, list[float]] = defaultdict(list)
    for curve in curves:
        for epoch, loss in enumerate(curve, start=1):
            by_epoch[epoch].append(loss)
    rows: list[Row] = []
    for epoch, values in by_epoch.items():
        interval = mean_interval(values) if len(values) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        rows.append({"network": label, "epoch": epoch, "loss": fmean(values), "low": low, "high": high})
    return rows
