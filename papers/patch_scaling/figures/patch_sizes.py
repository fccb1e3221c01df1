"""The figure of accuracy against patch size, for both sizes of images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Accuracy against patch size"
CAPTION = (
    "Test accuracy of a ViT of fixed width and depth by the side of its patches in pixels, mean over seeds "
    "with its 95 % interval. Smaller patches are more tokens, and more multiply-adds, of the same network."
)
REPRODUCES = "Table 1 of the paper, drawn"
ALTERNATIVE = "One line per size of images over patch sizes. The table below has the numbers."

STEPS = {
    "small_images": "small images",
    "large_images": "large images",
    "longer_training": "four times the epochs",
}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one line per step; means and intervals are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(5.6, 3.8)
    rows: list[Row] = []
    for step, label in STEPS.items():
        found = rows_of(collected, step, label)
        rows += found
        if found:
            means = [float(row["accuracy"] or 0) for row in found]
            pairs = zip(found, means, strict=True)
            halves = [float(row["high"]) - mean if row["high"] is not None else 0.0 for row, mean in pairs]
            sides = [row["patch"] for row in found]
            panel.errorbar(sides, means, yerr=halves, fmt="o-", ms=4, capsize=2, lw=1.3, label=label)
    panel.set_xscale("log", base=2)
    ticks = sorted({int(str(row["patch"])) for row in rows})
    panel.set_xticks(ticks, [str(side) for side in ticks])
    panel.invert_xaxis()
    panel.set_xlabel("side of a patch, pixels")
    panel.set_ylabel("accuracy, %")
    if rows:
        panel.legend(fontsize=8)
    return rows


def rows_of(collected: Sequence[Line], step: str, label: str) -> list[Row]:
    """A row for each patch size of a step, the largest first."""
    found: dict[int, list[float]] = defaultdict(list)
    for record in (line.record for line in collected):
        if record.step == step:
            side = int(str(record.condition["network"]).removeprefix("patch_"))
            found[side].append(record.metrics["accuracy"])
    rows: list[Row] = []
    for side, values in sorted(found.items(), reverse=True):
        interval = mean_interval(values) if len(values) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        rows.append({"images": label, "patch": side, "accuracy": fmean(values), "low": low, "high": high})
    return rows
