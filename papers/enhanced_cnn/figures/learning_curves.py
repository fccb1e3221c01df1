"""The figure of learning curves: training loss by epoch with its band, in each kind of training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Learning curves"
CAPTION = (
    "Mean training loss of each epoch on CIFAR-10, mean over seeds with the band of its 95 % interval: the "
    "recipe's epochs, four times as many, and few images without augmentation. With dropout the loss is "
    "that of the thinned network."
)
REPRODUCES = "no figure of the paper that was at hand; it shows how far each training comes"
ALTERNATIVE = "One falling line per network over epochs in each panel. The table below has the numbers."

PANELS = {
    "comparison": "the recipe's epochs",
    "longer_training": "four times as many",
    "few_images": "few images, not augmented",
}
SHOWN = {
    "enhanced": "enhanced CNN",
    "no_dropout": "without dropout",
    "no_batch_norm": "without batch norm.",
    "shallower": "one convolution a block",
    "standard": "standard CNN",
    "lenet_wider": "LeNet-5, wider",
    "resnet": "ResNet",
}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one line and band per network in each panel; means and intervals are returned as rows."""
    figure.set_size_inches(9.6, 3.8)
    panels = figure.subplots(1, len(PANELS), sharey=True)
    rows: list[Row] = []
    for panel, (step, title) in zip(panels, PANELS.items(), strict=True):
        for place, (name, label) in enumerate(SHOWN.items()):
            found = rows_of(step, label, losses(collected, step, name))
            rows += found
            if found:
                _line(panel, found, label, f"C{place}")
        panel.set_title(title, fontsize=9)
        panel.set_xlabel("epoch")
    panels[0].set_ylabel("training loss")
    if rows:
        panels[0].legend(fontsize=7)
    return rows


def losses(collected: Sequence[Line], step: str, network: str) -> list[list[float]]:
    """The curve of each seed of a network of a step."""
    return [
        line.curves["training_loss"]
        for line in collected
        if line.record.step == step and line.record.condition["network"] == network and line.curves
    ]


def rows_of(step: str, label: str, curves: Sequence[Sequence[float]]) -> list[Row]:
    """A row for each epoch."""
    by_epoch: dict[int, list[float]] = defaultdict(list)
    for curve in curves:
        for epoch, loss in enumerate(curve, start=1):
            by_epoch[epoch].append(loss)
    rows: list[Row] = []
    for epoch, values in by_epoch.items():
        interval = mean_interval(values) if len(values) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        named: Row = {"epochs": PANELS[step], "network": label, "epoch": epoch}
        rows.append({**named, "loss": fmean(values), "low": low, "high": high})
    return rows


def _line(panel: Any, rows: Sequence[Row], label: str, color: str) -> None:
    epochs = [int(str(row["epoch"])) for row in rows]
    panel.plot(epochs, [row["loss"] for row in rows], label=label, lw=1.3, color=color)
    if rows[0]["low"] is not None:
        bounds = [[row[side] for row in rows] for side in ("low", "high")]
        panel.fill_between(epochs, *bounds, color=color, alpha=0.2, lw=0)
