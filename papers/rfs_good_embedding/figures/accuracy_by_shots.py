"""The figure of accuracy against shots: every learner, with its interval over seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Accuracy against shots"
CAPTION = (
    "Accuracy of 5-way test episodes by the number of labelled images of each class, mean over seeds with "
    "its 95 % interval, which covers the choice of classes as well as training. All learners share the "
    "backbone, the training images and the episodes. MAML and ANIL were tested at one and five shots."
)
REPRODUCES = "Tables 1 and 2 of the paper, drawn, with other numbers of shots between"
ALTERNATIVE = "One line per learner over the number of shots. The table below has the numbers."

# Label -> step, method, and the part of the condition that tells its records apart.
LEARNERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "RFS-distill": ("evaluation_generation_2", "logistic_regression", {"features": "unit", "copies": 5}),
    "RFS-simple": ("evaluation", "logistic_regression", {"features": "unit", "copies": 5}),
    "Nearest neighbour": ("evaluation", "nearest_neighbour", {"features": "raw"}),
    "Baseline++": ("evaluation_cosine", "baseline_plus_plus", {}),
    "ProtoNet": ("episodic_evaluation", "prototypical_network", {}),
    "R2-D2": ("episodic_evaluation", "ridge_network", {}),
    "Matching network": ("episodic_evaluation", "matching_network", {}),
    "MAML": ("gradient_meta_learning", "maml", {}),
    "ANIL": ("gradient_meta_learning", "anil", {}),
}
MARKERS = "osD^vP*Xd"


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one line per learner; means and intervals are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(6.8, 4.4)
    rows: list[dict[str, str | int | float | bool | None]] = []
    for place, (label, learner) in enumerate(LEARNERS.items()):
        rows += _draw_learner(panel, place, label, accuracies(collected, *learner))
    panel.set_xscale("log")
    shots = sorted({int(str(row["shots"])) for row in rows})
    panel.set_xticks(shots, [str(number) for number in shots])
    panel.minorticks_off()
    panel.set_xlabel("labelled images of each class")
    panel.set_ylabel("accuracy, %")
    if rows:
        panel.legend(ncols=2, fontsize=8)
    return rows


def accuracies(
    collected: Sequence[Line], step: str, method: str, where: dict[str, Any]
) -> dict[int, list[float]]:
    """Shots -> accuracy of every seed."""
    found: dict[int, list[float]] = defaultdict(list)
    for record in (line.record for line in collected):
        agrees = all(record.condition.get(name) == value for name, value in where.items())
        if (record.step, record.method) == (step, method) and agrees:
            found[int(record.condition["shots"])].append(record.metrics["accuracy"])
    return dict(sorted(found.items()))


def _draw_learner(
    panel: Any, place: int, label: str, by_shots: dict[int, list[float]]
) -> list[dict[str, str | int | float | bool | None]]:
    rows: list[dict[str, str | int | float | bool | None]] = []
    for shots, values in by_shots.items():
        interval = mean_interval(values) if len(values) > 1 else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        rows.append({"learner": label, "shots": shots, "accuracy": fmean(values), "low": low, "high": high})
    if not rows:
        return rows
    means = [fmean(values) for values in by_shots.values()]
    # Side by side, so that intervals of the same number of shots can be told apart.
    shifted = [shots * 1.02 ** (place - len(LEARNERS) / 2) for shots in by_shots]
    halves = [float(row["high"] or mean) - mean for row, mean in zip(rows, means, strict=True)]
    meta = label in ("ProtoNet", "R2-D2", "Matching network", "MAML", "ANIL")
    style = {"ls": "--" if meta else "-", "marker": MARKERS[place], "ms": 4, "lw": 1.3}
    panel.errorbar(shifted, means, yerr=halves, label=label, capsize=2, elinewidth=0.8, **style)
    return rows
