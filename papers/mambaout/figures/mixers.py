"""The figure of token mixers: their accuracy on short sequences beside that on long ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Token mixers on short and on long sequences"
CAPTION = (
    "Test accuracy of gated networks that differ in their token mixer alone, mean over seeds with its 95 % "
    "interval: images in patches, and MNIST pixel by pixel."
)
REPRODUCES = "hypotheses 1 and 2 of the paper, side by side"
ALTERNATIVE = "Bars for each mixer in two panels. The table below has the numbers."

PANELS = {"comparison": "short: patches", "comparison_long": "long: pixel by pixel"}
LABELS = {
    "state_space": "state space (S4D)",
    "selective_state_space": "selective state space",
    "depthwise_7": "depth-wise 7x7",
    "depthwise_3": "depth-wise 3x3",
    "causal_convolution": "causal convolution",
    "attention": "attention",
    "causal_attention": "causal attention",
    "identity": "none",
}
STATE_SPACES = (LABELS["state_space"], LABELS["selective_state_space"])

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one panel of bars per length of sequence; means and intervals are returned as rows."""
    panels = figure.subplots(1, 2, sharey=True)
    figure.set_size_inches(7.6, 3.4)
    rows: list[Row] = []
    for panel, (step, label) in zip(panels, PANELS.items(), strict=True):
        found = rows_of(collected, step, label)
        rows += found
        for row in found:
            middle = float(row["accuracy"] or 0)
            half = float(row["high"]) - middle if row["high"] is not None else 0.0
            colour = "C1" if row["mixer"] in STATE_SPACES else "0.7"
            panel.barh([str(row["mixer"])], [middle], xerr=[half], color=colour, capsize=2)
        panel.set_title(label, fontsize=9)
        panel.set_xlabel("accuracy, %")
    panels[0].invert_yaxis()
    return rows


def rows_of(collected: Sequence[Line], step: str, label: str) -> list[Row]:
    """A row for each mixer that the step has, the state spaces first."""
    found: dict[str, list[float]] = defaultdict(list)
    for record in (line.record for line in collected):
        if record.step == step and record.method == "gated_network":
            found[str(record.condition["network"])].append(record.metrics["accuracy"])
    rows: list[Row] = []
    for name, mixer in LABELS.items():
        if values := found.get(name):
            interval = mean_interval(values) if len(values) > 1 else None
            low, high = (interval.low, interval.high) if interval else (None, None)
            accuracy = fmean(values)
            rows.append({"task": label, "mixer": mixer, "accuracy": accuracy, "low": low, "high": high})
    return rows
