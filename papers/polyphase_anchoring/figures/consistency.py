"""The figure of consistency and accuracy: what each network keeps under shifts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Accuracy as it is, under the worst shift, and consistency"
CAPTION = (
    "For each network: accuracy on test images as they are, and where an image counts only if it is right "
    "under every small circular shift (left); the share of images with the same answer under two random "
    "circular shifts, and under two small shifts that let zeros in (right). Mean over seeds with its 95 % "
    "interval."
)
REPRODUCES = "the paper's comparison of consistency and worst-shift accuracy, drawn"
ALTERNATIVE = "Two panels with two marks per network. The table below has the numbers."

NETWORKS = {
    "resnet": "ResNet",
    "vit": "ViT, class token",
    "absolute": "ViT, mean of tokens",
    "depthwise": "+ depth-wise positions",
    "anchored": "+ anchoring",
    "anchored_depthwise": "+ both",
    "twins": "Twins",
    "twins_depthwise": "Twins + depth-wise positions",
    "twins_anchored": "Twins + both",
}
PANELS = {
    "accuracy, %": {"unshifted_accuracy": "as they are", "worst_shift_accuracy": "worst shift"},
    "consistency, %": {"consistency": "circular shifts", "padded_consistency": "padded shifts"},
}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw both panels; means and intervals are returned as rows."""
    panels = figure.subplots(1, 2, sharey=True)
    figure.set_size_inches(8.0, 3.8)
    rows: list[Row] = []
    for panel, (label, metrics) in zip(panels, PANELS.items(), strict=True):
        for metric, meaning in metrics.items():
            found = rows_of(collected, metric, meaning)
            rows += found
            _draw_metric(panel, meaning, found)
        panel.set_xlabel(label)
        panel.legend(fontsize=8, loc="best")
    panels[0].set_yticks(range(len(NETWORKS)), [*NETWORKS.values()])
    panels[0].invert_yaxis()
    return rows


def rows_of(collected: Sequence[Line], metric: str, meaning: str) -> list[Row]:
    """A row for each network that was run."""
    found: dict[str, list[float]] = defaultdict(list)
    for record in (line.record for line in collected):
        if record.step == "shifts":
            found[str(record.condition["network"])].append(record.metrics[metric])
    rows: list[Row] = []
    for name, label in NETWORKS.items():
        if values := found.get(name):
            interval = mean_interval(values) if len(values) > 1 else None
            low, high = (interval.low, interval.high) if interval else (None, None)
            shown: Row = {
                "network": label,
                "measure": meaning,
                "mean": fmean(values),
                "low": low,
                "high": high,
            }
            rows.append(shown)
    return rows


def _draw_metric(panel: Any, meaning: str, rows: Sequence[Row]) -> None:
    places = [[*NETWORKS.values()].index(str(row["network"])) for row in rows]
    means = [float(row["mean"] or 0) for row in rows]
    # Values that agree at every seed have no interval.
    halves = [
        float(row["high"]) - mean if row["high"] is not None else 0.0
        for row, mean in zip(rows, means, strict=True)
    ]
    panel.errorbar(means, places, xerr=halves, fmt="o", ms=4, capsize=2, elinewidth=0.8, label=meaning)
