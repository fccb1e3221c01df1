"""The figure of average gaps over the share of the training images that is forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from papers.challenging_forgets.figures._methods import METHODS, RELABELLING, TICKS

TITLE = "Average gap by forget ratio"
CAPTION = (
    "Average gap to Retrain when 1, 5, 10 and 20 % of the training images are forgotten: random sets on the "
    "left, worst-case sets on the right. Mean over seeds; the band is their range."
)
REPRODUCES = "the comparison over forget ratios"
ALTERNATIVE = "Two panels with one line per method over four ratios. The table below has the numbers."

PANELS = {"random": "random sets", "worst": "worst-case sets"}


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per kind of forget set; the means are returned as rows."""
    gaps = gaps_by_ratio(collected)
    panels = figure.subplots(1, 2, sharey=True)
    figure.set_size_inches(8.6, 3.8)
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, (kind, title) in zip(panels, PANELS.items(), strict=True):
        panel.set_title(title)
        panel.set_xscale("log")
        for place, (method, label) in enumerate(METHODS.items()):
            rows += _draw_method(
                panel, place, gaps.get((kind, method), {}), kind, label, method in RELABELLING
            )
        panel.set_xticks([0.01, 0.05, 0.1, 0.2], ["1 %", "5 %", "10 %", "20 %"])
        panel.minorticks_off()
        panel.set_xlabel("forgotten")
    panels[0].set_yscale("symlog", linthresh=1)
    panels[0].set_ylim(bottom=0)
    panels[0].set_yticks(TICKS, TICKS)
    panels[0].set_ylabel("average gap, points")
    panels[1].legend(loc="center left", bbox_to_anchor=(1.02, 0.5))
    return rows


def gaps_by_ratio(collected: Sequence[Line]) -> dict[tuple[str, str], dict[float, list[float]]]:
    """(kind of forget set, method) -> ratio -> average gap of every seed."""
    found: dict[tuple[str, str], dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in (line.record for line in collected):
        kind = record.condition.get("forget_set")
        if record.step in ("unlearning", "unlearning_ratios") and kind in PANELS:
            cell = found[str(kind), record.method]
            cell[float(record.condition["ratio"])].append(record.metrics["average_gap"])
    return found


def _draw_method(
    panel: Any, place: int, gaps: dict[float, list[float]], kind: str, label: str, relabels: bool
) -> list[dict[str, str | int | float | bool | None]]:
    if not gaps:
        return []
    ratios = sorted(gaps)
    means = [fmean(gaps[ratio]) for ratio in ratios]
    style = "--" if relabels else "-"
    panel.plot(ratios, means, style, marker="o^sDv"[place % 5], color=f"C{place % 7}", label=label)
    ends = [[of(gaps[ratio]) for ratio in ratios] for of in (min, max)]
    panel.fill_between(ratios, *ends, color=f"C{place % 7}", alpha=0.12, lw=0)
    return [
        {"forget_set": kind, "method": label, "ratio": ratio, "average_gap": round(mean, 3)}
        for ratio, mean in zip(ratios, means, strict=True)
    ]
