"""The figure of accuracy against the scale s, with trained columns and with means for old classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from common.records.query import Selection
from papers.hyperspherical_embedding.figures._curves import Row, draw_line, values_by

TITLE = "Accuracy against the scale"
CAPTION = (
    "Fashion-MNIST, five old and five new classes, a new one added with all samples. Left, old classes are "
    "known by the columns that were trained, as published; right, by the means of their images, as new ones. "
    "Mean over seeds with its 95 % interval. The tutorial has s = 10."
)
REPRODUCES = "dependence on s; the paper's own curve was not found"
ALTERNATIVE = "Two panels with a line per measure over the scale. The table below has the numbers."

RULES = {"columns": "trained columns", "cosine": "old classes imprinted too"}
MEASURES = {
    "old_accuracy": "old, before",
    "disjoint_accuracy": "new alone",
    "joint_old": "joint, old",
    "joint_new": "joint, new",
    "joint_harmonic": "joint, harmonic",
}
MARKERS = "osD^v"


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw a panel for each rule; means and intervals are returned as rows."""
    figure.set_size_inches(7.6, 4.2)
    panels = figure.subplots(1, len(RULES), sharey=True, squeeze=False)[0]
    rows: list[Row] = []
    for panel, (rule, title) in zip(panels, RULES.items(), strict=True):
        panel.set(title=title, xscale="log", xlabel="scale s")
        for marker, (metric, label) in zip(MARKERS, MEASURES.items(), strict=True):
            where: dict[str, Any] = {"old": 5, "rule": rule, "samples": "all"}
            chosen = Selection(step="scales", method="normalised_softmax", metric=metric, where=where)
            by_scale = {float(scale): found for scale, found in values_by(collected, chosen, "scale").items()}
            scales = sorted(by_scale)
            style = {"label": label, "marker": marker}
            drawn = draw_line(panel, scales, [by_scale[scale] for scale in scales], style)
            rows += [
                {"rule": title, "measure": label, "scale": scale, **row}
                for scale, row in zip(scales, drawn, strict=True)
            ]
        scales = sorted({float(str(row["scale"])) for row in rows})
        panel.set_xticks(scales, [f"{scale:g}" for scale in scales])
        panel.minorticks_off()
    panels[0].set_ylabel("accuracy, %")
    if rows:
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=8)
    return rows
