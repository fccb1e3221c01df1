"""The figure of accuracy by ways and shots: every learner, with its interval over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval

TITLE = "Accuracy by ways and shots"
CAPTION = (
    "Errors in percent (100 - accuracy) over test episodes of unseen characters, mean over seeds with its "
    "95 % interval, on a logarithmic scale: near the ceiling, halving the error is what counts. Controls "
    "have learned nothing."
)
REPRODUCES = "the paper's table of Omniglot, drawn"
ALTERNATIVE = "One row per learner, one marker per number of ways and shots. The table below has the numbers."

# Label -> step and method, from the top of the figure to its foot.
LEARNERS = {
    "Nearest neighbour of pixels": ("pixel_test", "nearest_neighbour"),
    "ProtoNet before training": ("untrained_test", "nearest_class_mean"),
    "RFS-simple": ("classifier_test", "logistic_regression"),
    "MAML": ("meta_learning", "maml"),
    "ANIL": ("meta_learning", "anil"),
    "Matching network": ("matched_tasks", "matching_network"),
    "ProtoNet, 5-way training": ("few_way_tasks", "prototypical_network"),
    "ProtoNet": ("matched_tasks", "prototypical_network"),
}
TASKS = {(5, 1): "o", (5, 5): "s", (20, 1): "^", (20, 5): "D"}

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw a row of markers per learner; means and intervals are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(6.8, 3.8)
    rows: list[Row] = []
    for place, ((ways, shots), marker) in enumerate(TASKS.items()):
        found = [
            (height, row_of(collected, label, ways, shots)) for height, label in enumerate(reversed(LEARNERS))
        ]
        shown = [(height, row) for height, row in found if row is not None]
        rows += [row for _, row in shown]
        _draw_task(panel, shown, 0.12 * (1.5 - place), marker, f"{ways}-way {shots}-shot")
    panel.set_yticks(range(len(LEARNERS)), list(reversed(LEARNERS)))
    panel.set_xscale("log")
    panel.set_xlabel("error, %")
    if rows:
        panel.legend(fontsize=8, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return rows


def row_of(collected: Sequence[Line], label: str, ways: int, shots: int) -> Row | None:
    """Mean error of a learner over seeds, with its interval; None where it was not run."""
    errors = [
        100 - line.record.metrics["accuracy"]
        for line in collected
        if (line.record.step, line.record.method) == LEARNERS[label]
        and (line.record.condition["ways"], line.record.condition["shots"]) == (ways, shots)
    ]
    if not errors:
        return None
    interval = mean_interval(errors) if len(errors) > 1 else None
    low, high = (interval.low, interval.high) if interval else (None, None)
    return {"learner": label, "ways": ways, "shots": shots, "error": fmean(errors), "low": low, "high": high}


def _draw_task(panel: Any, shown: Sequence[tuple[int, Row]], shift: float, marker: str, label: str) -> None:
    means = [float(row["error"] or 0) for _, row in shown]
    halves = [float(row["high"] or mean) - mean for (_, row), mean in zip(shown, means, strict=True)]
    heights = [height + shift for height, _ in shown]
    panel.errorbar(means, heights, xerr=halves, ls="", marker=marker, ms=4, capsize=2, label=label)
