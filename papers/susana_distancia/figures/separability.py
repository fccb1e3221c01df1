"""The figure of separability: accuracy of each arm over how far apart its novel classes lie."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from papers.susana_distancia.figures._arms import ARMS, SHAPES, values

TITLE = "Separability against accuracy"
CAPTION = (
    "Accuracy on test episodes over two measures of the same features, one point per loss, mean over seeds. "
    "If separability is what the losses improve, and what accuracy hangs on, the points lie on a rising line."
)
REPRODUCES = "the title's claim of class separability; the paper's own figure was not found"
ALTERNATIVE = "Two rows of scatter plots, one column per training. The table below has the numbers."

MEASURES = {"icnn_score": "ICNN score", "silhouette": "silhouette"}
MARKERS = "XosD^vP*<>"


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per measure and training; the means are returned as rows."""
    figure.set_size_inches(8.4, 5.0)
    panels = figure.subplots(len(MEASURES), len(SHAPES), sharey="col", sharex="row")
    rows: list[dict[str, str | int | float | bool | None]] = []
    for across, (shape, title) in enumerate(SHAPES.items()):
        panels[0][across].set_title(title, fontsize=8)
        for place, (arm, label) in enumerate(ARMS.items()):
            means = {name: _mean(collected, shape, arm, name) for name in ("accuracy", *MEASURES)}
            if means["accuracy"] is None:
                continue
            rows.append({"training": title, "loss": label, **means})
            for down, measure in enumerate(MEASURES):
                look = {"marker": MARKERS[place], "ls": "", "ms": 5, "color": f"C{place}"}
                panels[down][across].plot(means[measure], means["accuracy"], label=label, **look)
    for down, label in enumerate(MEASURES.values()):
        panels[down][0].set_ylabel("accuracy, %")
        for panel in panels[down]:
            panel.set_xlabel(label)
    if rows:
        figure.legend(
            *panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=7
        )
    return rows


def _mean(collected: Sequence[Line], shape: str, arm: str, metric: str) -> float | None:
    found = values(collected, shape, arm, metric)
    return fmean(found.values()) if found else None
