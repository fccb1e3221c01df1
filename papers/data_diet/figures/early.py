"""The figure of early scores: what a score is worth by when it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from papers.data_diet.figures._curves import Row, draw_line, rows_of

TITLE = "How early a score is good"
CAPTION = (
    "Left: test accuracy where half of the examples are kept. Right: Spearman's correlation of the "
    "ranking with that at the end, and of one network's EL2N with the mean over all. Mean over "
    "seeds with the band of its 95 % interval."
)
REPRODUCES = "Figure 1 of the paper, top row"
ALTERNATIVE = "Lines over the moment of scoring in two panels. The table below has the numbers."

CORRELATIONS = {
    "el2n_with_final": "EL2N with its final",
    "forgetting_with_final": "forgetting with its final",
    "one_network_with_mean": "EL2N of one network with the mean",
}


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw both panels; means and intervals are returned as rows."""
    left, right = figure.subplots(1, 2)
    figure.set_size_inches(8.0, 3.6)
    rows: list[Row] = []
    for method, label in (("el2n", "EL2N"), ("forgetting", "forgetting events")):
        found = rows_of(collected, label, "early", method, "trained")
        draw_line(left, found, "trained", marker="o", ms=3)
        rows += found
    for metric, label in CORRELATIONS.items():
        found = rows_of(collected, label, "scores", "ensemble", "trained", metric)
        draw_line(right, found, "trained", marker="o", ms=3)
        rows += found
    left.set_ylabel("accuracy, %")
    right.set_ylabel("rank correlation")
    for panel in (left, right):
        panel.set_xlabel("share of the training before scoring")
        if rows:
            panel.legend(fontsize=8)
    return rows
