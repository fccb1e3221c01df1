"""The figure of learning curves: training loss by epoch, with its band over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval
from papers.one_recipe.figures._networks import LABELS, Row, dashes, look

TITLE = "Learning curves"
CAPTION = (
    "Mean training loss of each epoch under the one recipe, mean over seeds with the band of its 95 % "
    "interval, each network with the learning rate that was best on validation images."
)
REPRODUCES = "no paper's figure; it shows how far a short training comes"
ALTERNATIVE = "One falling line per network over epochs. The table below has the numbers."


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one line and band per network; means and intervals are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(7.2, 4.2)
    rows: list[Row] = []
    for name, label in LABELS.items():
        curves = [
            line.curves["training_loss"]
            for line in collected
            if line.record.step == "comparison" and line.record.condition["network"] == name and line.curves
        ]
        found = rows_of(label, curves)
        rows += found
        if found:
            _draw_line(panel, found, look(name)["color"], dashes(name))
    panel.set_xlabel("epoch")
    panel.set_ylabel("training loss")
    if rows:
        panel.legend(fontsize=8, bbox_to_anchor=(1.02, 1.0), loc="upper left")
    return rows


def rows_of(label: str, curves: Sequence[Sequence[float]]) -> list[Row]:
    """A row for each epoch, of the curves of all seeds."""
    rows: list[Row] = []
    for epoch, values in enumerate(zip(*curves, strict=True), start=1):
        interval = mean_interval(values) if len(values) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        rows.append({"network": label, "epoch": epoch, "loss": fmean(values), "low": low, "high": high})
    return rows


def _draw_line(panel: Any, rows: Sequence[Row], colour: str, style: str) -> None:
    epochs = [row["epoch"] for row in rows]
    losses = [row["loss"] for row in rows]
    panel.plot(epochs, losses, label=str(rows[0]["network"]), lw=1.3, color=colour, ls=style)
    if rows[0]["low"] is not None:
        bounds = [[row[side] for row in rows] for side in ("low", "high")]
        panel.fill_between(epochs, *bounds, color=colour, alpha=0.15, lw=0)
