"""The figure of learning curves: training loss by epoch, with its band over seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Learning curves"
CAPTION = (
    "Mean training loss of each epoch on Fashion-MNIST, mean over seeds with the band of its 95 % interval. "
    "With dropout the loss is that of the thinned network."
)
REPRODUCES = "no figure of the paper; it shows how far a short training comes, with and without dropout"
ALTERNATIVE = "One falling line per network over epochs. The table below has the numbers."

STEP = "comparison_fashion_mnist"
SHOWN = {
    "simplenet": "SimpleNet",
    "dropout": "dropout everywhere",
    "dropout_at_head": "dropout at the head",
    "early_1x1": "1x1 convolutions early",
    "mean_pooling": "global mean",
    "resnet": "ResNet-20",
}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one line and band per network; means and intervals are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(6.4, 4.0)
    rows: list[Row] = []
    for name, label in SHOWN.items():
        found = rows_of(label, losses(collected, name))
        rows += found
        if not found:
            continue
        epochs = [int(str(row["epoch"])) for row in found]
        (line,) = panel.plot(epochs, [row["loss"] for row in found], label=label, lw=1.3)
        if found[0]["low"] is not None:
            bounds = [[row[side] for row in found] for side in ("low", "high")]
            panel.fill_between(epochs, *bounds, color=line.get_color(), alpha=0.2, lw=0)
    panel.set_xlabel("epoch")
    panel.set_ylabel("training loss")
    if rows:
        panel.legend(fontsize=8)
    return rows


def losses(collected: Sequence[Line], network: str) -> list[list[float]]:
    """The curve of each seed of a network of the step `comparison_fashion_mnist`."""
    return [
        line.curves["training_loss"]
        for line in collected
        if line.record.step == "comparison_fashion_mnist"
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
