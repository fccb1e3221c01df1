"""The figure of the ablation: what taking each enhancement away costs, in each kind of training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "What each enhancement is worth"
CAPTION = (
    "Test accuracy on CIFAR-10 of a network that lacks one enhancement, less the enhanced CNN's own, seed by "
    "seed: mean of the differences with its 95 % interval. Left of zero, the enhancement helps."
)
REPRODUCES = "the paper's ablation studies, drawn"
ALTERNATIVE = "One bar per missing enhancement and kind of training. The table below has the numbers."

MISSING = {
    "no_batch_norm": "batch normalisation",
    "no_dropout": "dropout",
    "shallower": "second convolutions",
    "shallower_wider": "second convolutions, wider",
    "fewer_filters": "half of the filters",
}
STEPS = {"comparison": "", "longer_training": ", 4 times the epochs", "few_images": ", few images"}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one bar per missing enhancement; means and intervals are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(6.8, 3.4)
    rows = rows_of(collected)
    for row in rows:
        middle = float(row["difference"] or 0)
        half = float(row["high"]) - middle if row["high"] is not None else 0.0
        color = "0.7" if str(row["missing"]) in MISSING.values() else "0.45"
        panel.barh([str(row["missing"])], [middle], xerr=[half], color=color, capsize=2)
    panel.axvline(0, color="0.3", lw=0.8)
    panel.invert_yaxis()
    panel.set_xlabel("accuracy less the enhanced CNN's, points")
    return rows


def rows_of(collected: Sequence[Line]) -> list[Row]:
    """A row for each missing enhancement of each step that has it, over the seeds of both networks."""
    rows: list[Row] = []
    for name, label in MISSING.items():
        for step, length in STEPS.items():
            own, theirs = (_by_seed(collected, step, network) for network in ("enhanced", name))
            values = [theirs[seed] - own[seed] for seed in sorted(own.keys() & theirs.keys())]
            if not values:
                continue
            interval = mean_interval(values) if len(values) > 1 else None
            low, high = (interval.low, interval.high) if interval else (None, None)
            mean = sum(values) / len(values)
            rows.append({"missing": label + length, "difference": mean, "low": low, "high": high})
    return rows


def _by_seed(collected: Sequence[Line], step: str, network: str) -> dict[int, float]:
    records = (line.record for line in collected)
    return {
        record.seed: record.metrics["accuracy"]
        for record in records
        if record.step == step and record.condition["network"] == network
    }
