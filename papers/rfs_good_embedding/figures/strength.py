"""The figure of accuracy against C: logistic regression on features as they are and of length one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Accuracy against the strength C of logistic regression"
CAPTION = (
    "Accuracy of 5-way test episodes by C, the weight of the fit against the penalty, on the same frozen "
    "features as they are and divided by their length; mean over seeds with its 95 % interval. The official "
    "code has C = 1."
)
REPRODUCES = "no figure of the paper; it tells length and regularisation in Table 5 apart"
ALTERNATIVE = "For each number of shots, a line per kind of features over C. The table below has the numbers."

# Label, and a factor that draws intervals of the same C side by side.
FEATURES = {"raw": ("as they are", 0.93), "unit": ("of length one", 1.07)}
Rows = list[dict[str, str | int | float | bool | None]]


def draw(collected: Sequence[Line], figure: Any) -> Rows:
    """One panel for each number of shots; means and intervals are returned as rows."""
    found = by_strength(collected)
    shots = sorted({shots for shots, _ in found})
    figure.set_size_inches(6.8, 3.2)
    rows: Rows = []
    for place, number in enumerate(shots):
        panel = figure.add_subplot(1, len(shots), place + 1)
        panel.set_title(f"{number}-shot")
        panel.set_xlabel("C")
        for features, (label, shift) in FEATURES.items():
            rows += _draw_line(panel, number, label, shift, found.get((number, features), {}))
        panel.set_xscale("log")
        panel.minorticks_off()
        if place == 0:
            panel.set_ylabel("accuracy, %")
            panel.legend()
    return rows


def by_strength(collected: Sequence[Line]) -> dict[tuple[int, str], dict[float, list[float]]]:
    """Shots and features -> strength -> accuracy of every seed; chosen strengths are left out."""
    found: dict[tuple[int, str], dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in (line.record for line in collected):
        if record.step == "regularisation" and not isinstance(record.condition["strength"], str):
            cell = int(record.condition["shots"]), str(record.condition["features"])
            found[cell][float(record.condition["strength"])].append(record.metrics["accuracy"])
    return found


def _draw_line(
    panel: Any, shots: int, label: str, shift: float, accuracies: dict[float, list[float]]
) -> Rows:
    rows: Rows = []
    halves = []
    for strength, values in sorted(accuracies.items()):
        interval = mean_interval(values) if len(values) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        mean = fmean(values)
        halves.append(0.0 if high is None else high - mean)
        rows.append(
            {"shots": shots, "features": label, "C": strength, "accuracy": mean, "low": low, "high": high}
        )
    means = [row["accuracy"] for row in rows]
    shifted = [strength * shift for strength in sorted(accuracies)]
    panel.errorbar(shifted, means, yerr=halves, label=label, marker="o", capsize=2, elinewidth=0.8)
    return rows
