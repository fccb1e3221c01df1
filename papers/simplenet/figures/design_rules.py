"""The figure of the design rules: what breaking each of them costs in accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "What breaking each design rule costs"
CAPTION = (
    "Test accuracy on Fashion-MNIST of a network that breaks one rule, less SimpleNet's own, seed by seed: "
    "mean of the differences with its 95 % interval. Left of zero, the rule is right."
)
REPRODUCES = "the design rules of the paper's text, which it draws no figure of"
ALTERNATIVE = "One bar per broken rule. The table below has the numbers."

BROKEN = {
    "early_pooling": "poolings earlier",
    "early_1x1": "1x1 convolutions early",
    "kernels_5x5": "5x5 kernels, narrower",
    "strides": "strides for pooling",
    "mean_pooling": "global mean",
    "dropout": "dropout everywhere",
    "dropout_at_head": "dropout at the head",
}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one bar per rule; means and intervals are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(6.4, 3.4)
    rows = rows_of(collected)
    for row in rows:
        middle = float(row["difference"] or 0)
        half = float(row["high"]) - middle if row["high"] is not None else 0.0
        panel.barh([str(row["broken"])], [middle], xerr=[half], color="0.7", capsize=2)
    panel.axvline(0, color="0.3", lw=0.8)
    panel.invert_yaxis()
    panel.set_xlabel("accuracy less SimpleNet's, points")
    return rows


def rows_of(collected: Sequence[Line]) -> list[Row]:
    """A row for each broken rule of the step `comparison_fashion_mnist`, over the seeds of both."""
    own = _by_seed(collected, "simplenet")
    rows: list[Row] = []
    for name, label in BROKEN.items():
        theirs = _by_seed(collected, name)
        values = [theirs[seed] - own[seed] for seed in sorted(own.keys() & theirs.keys())]
        if not values:
            continue
        interval = mean_interval(values) if len(values) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        rows.append({"broken": label, "difference": sum(values) / len(values), "low": low, "high": high})
    return rows


def _by_seed(collected: Sequence[Line], network: str) -> dict[int, float]:
    records = (line.record for line in collected)
    return {
        record.seed: record.metrics["accuracy"]
        for record in records
        if record.step == "comparison_fashion_mnist" and record.condition["network"] == network
    }
