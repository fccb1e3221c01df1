"""The figure of windows: accuracy of 40 % of the examples, from ever higher EL2N, and with label noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from papers.data_diet.figures._curves import Row, draw_line, rows_of

TITLE = "Windows of EL2N"
CAPTION = (
    "Test accuracy where 40 % of the examples are kept, from an offset in the ascending EL2N on, mean "
    "over seeds with the band of its 95 % interval. At 0.6 those of the highest EL2N are kept. With noise "
    "a tenth of the labels is random when scoring and when training."
)
REPRODUCES = "Figure 2 of the paper"
ALTERNATIVE = "Two lines over the offset, with clean and with noisy labels. The table below has the numbers."

SHOWN = {"windows": "clean labels", "noisy_windows": "10 % random labels"}


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw a line and band for each kind of labels; means and intervals are returned as rows."""
    panel = figure.subplots()
    rows: list[Row] = []
    for step, label in SHOWN.items():
        found = rows_of(collected, label, step, "el2n", "offset")
        draw_line(panel, found, "offset", marker="o", ms=3)
        rows += found
    panel.set_xlabel("offset of the window")
    panel.set_ylabel("accuracy, %")
    if rows:
        panel.legend()
    return rows
