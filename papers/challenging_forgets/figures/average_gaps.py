"""The figure of average gaps: each method's on the random set joined to that on the worst-case set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from papers.challenging_forgets.figures._methods import METHODS, RELABELLING, TICKS

TITLE = "Which methods' average gaps explode"
CAPTION = (
    "Average gap to Retrain on the random set (open) and on the worst-case set (filled), 10 % forgotten, "
    "mean over seeds with every seed as a small mark. The dashed line is what a second exact retraining has "
    "on random sets: no smaller gap means anything."
)
REPRODUCES = "the comparison of average gaps on CIFAR-10 with ResNet-18, drawn"
ALTERNATIVE = (
    "One line per method from its random gap to its worst-case gap. The table below has the numbers."
)

SHOWN = {"no_unlearning": "No unlearning", **METHODS}
RATIO = 0.1


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one row per method; the means are returned as rows."""
    gaps = gaps_by_cell(collected)
    panel = figure.subplots()
    figure.set_size_inches(6.4, 4.2)
    rows: list[dict[str, str | int | float | bool | None]] = []
    methods = [method for method in SHOWN if {(method, "random"), (method, "worst")} <= gaps.keys()]
    for height, method in enumerate(reversed(methods)):
        random, worst = gaps[method, "random"], gaps[method, "worst"]
        _draw_method(panel, height, random, worst, "C1" if method in RELABELLING else "C0")
        rows.append(
            {
                "method": SHOWN[method],
                "random": round(fmean(random), 3),
                "worst_case": round(fmean(worst), 3),
            }
        )
    floor = gaps.get(("retrain_again", "random"))
    if floor:
        panel.axvline(fmean(floor), ls="--", lw=1, color="#22262b")
        panel.text(fmean(floor), len(methods) - 0.4, " Retrain again", va="bottom")
    panel.set_yticks(range(len(methods)), [SHOWN[method] for method in reversed(methods)])
    panel.set_xscale("symlog", linthresh=1)
    panel.set_xlim(left=0)
    panel.set_xticks(TICKS, TICKS)
    panel.minorticks_off()
    panel.set_xlabel("average gap to Retrain, points (linear up to 1, logarithmic beyond)")
    return rows[::-1]


def gaps_by_cell(collected: Sequence[Line]) -> dict[tuple[str, str], list[float]]:
    """(method, kind of forget set) -> average gap of every seed, at the ratio of the main table."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for record in (line.record for line in collected):
        if record.step in ("unlearning", "references") and record.condition.get("ratio") == RATIO:
            found[record.method, str(record.condition["forget_set"])].append(record.metrics["average_gap"])
    return found


def _draw_method(panel: Any, height: int, random: list[float], worst: list[float], colour: str) -> None:
    start, end = fmean(random), fmean(worst)
    panel.annotate(
        "", (end, height), (start, height), arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.4}
    )
    for values, filled in ((random, False), (worst, True)):
        panel.plot(values, [height] * len(values), "|", color=colour, ms=6, alpha=0.6)
        panel.plot(fmean(values), height, "o", color=colour, mfc=colour if filled else "white")
