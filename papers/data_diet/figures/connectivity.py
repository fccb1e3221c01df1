"""The figure of linear mode connectivity, beside that of how fast kernels turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from papers.data_diet.figures._curves import Row, draw_line, rows_of

TITLE = "Error barriers between children of one network"
CAPTION = (
    "Left: the error barrier on the training examples of lowest and highest EL2N and on any, between two "
    "networks that went apart at some moment. Right: how fast the kernel of neighbours in EL2N turns from "
    "then to an epoch later, by their place. Mean over seeds with the band of its 95 % interval."
)
REPRODUCES = "the figures of the paper on linear mode connectivity and on kernel velocity"
ALTERNATIVE = "A line for each group of examples in two panels. The table below has the numbers."

GROUPS = {"lowest": "lowest EL2N", "random": "any", "highest": "highest EL2N"}
PLACES = {"lowest": "lowest EL2N", "middle": "middle", "highest": "highest EL2N"}


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw both panels; means and intervals are returned as rows."""
    left, right = figure.subplots(1, 2)
    figure.set_size_inches(8.0, 3.6)
    rows: list[Row] = []
    for group, label in GROUPS.items():
        found = rows_of(collected, label, "connectivity", "children", "spawn", f"barrier_{group}")
        draw_line(left, found, "spawn", marker="o", ms=3)
        rows += found
    for place, label in PLACES.items():
        found = rows_of(collected, label, "velocities", "network", "trained", f"velocity_{place}")
        draw_line(right, found, "trained", marker="o", ms=3)
        rows += found
    left.set_xlabel("share of the training in common")
    left.set_ylabel("error barrier, points")
    right.set_xlabel("share of the training")
    right.set_ylabel("kernel velocity")
    for panel in (left, right):
        if rows:
            panel.legend(fontsize=8)
    return rows
