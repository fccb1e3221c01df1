"""The figure of pruning curves: accuracy against the fraction of examples kept, by each score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from papers.data_diet.figures._curves import Row, draw_line, rows_of

TITLE = "Accuracy against the fraction of examples kept"
CAPTION = (
    "Test accuracy of networks trained on what each score keeps, for as many steps as on all examples, "
    "mean over seeds with the band of its 95 % interval. The dashed line is that of all examples. The "
    "control that keeps the lowest losses is in the table alone."
)
REPRODUCES = "Figure 1 of the paper, bottom row"
ALTERNATIVE = "A falling line for each score over the fraction that is kept. The table below has the numbers."

SHOWN = {
    "random": "Random",
    "el2n": "EL2N",
    "el2n_one_network": "EL2N of one network",
    "grand": "GraNd",
    "grand_at_init": "GraNd at initialisation",
    "forgetting": "Forgetting events",
    "margin": "Margin",
}


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one line and band for each score; means and intervals are returned as rows."""
    panel = figure.subplots()
    figure.set_size_inches(6.4, 4.2)
    rows: list[Row] = []
    for method, label in SHOWN.items():
        found = rows_of(collected, label, "pruning", method, "kept")
        draw_line(panel, found, "kept", marker="o", ms=3, lw=1.3, ls=":" if "one" in method else "-")
        rows += found
    everything = [row for row in rows if row["kept"] == 1.0]
    if everything:
        panel.axhline(float(everything[0]["mean"] or 0), color="#8a9099", lw=0.9, ls="--")
    panel.set_xlabel("fraction of examples kept")
    panel.set_ylabel("accuracy, %")
    if rows:
        panel.legend(fontsize=8)
    return rows
