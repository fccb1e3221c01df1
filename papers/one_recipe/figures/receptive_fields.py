"""The figure of effective receptive fields: a map for each network, before and after training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from papers.one_recipe.figures._networks import LABELS, Row

TITLE = "Effective receptive fields"
CAPTION = (
    "How strongly the centre of each network's last feature map hangs on each pixel of the image: root mean "
    "square of the gradient over test images, its largest in white. Above as drawn by the first seed, below "
    "after training."
)
REPRODUCES = "the maps of Luo et al. 2016, of these networks"
ALTERNATIVE = "Two rows of square grey maps, one column per network. The table below has their sizes."

STATES = ("initial", "trained")


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw the maps of the first seed; sizes of the fields are returned as rows."""
    names = [name for name in LABELS if first(collected, name, STATES[0]) is not None]
    figure.set_size_inches(1.25 * max(1, len(names)), 3.0)
    panels = figure.subplots(2, max(1, len(names)), squeeze=False)
    rows: list[Row] = []
    for state, of_state in zip(STATES, panels, strict=True):
        for panel in of_state:
            panel.set_xticks([])
            panel.set_yticks([])
        of_state[0].set_ylabel(state, fontsize=8)
        for name, panel in zip(names, of_state, strict=False):
            line = first(collected, name, state)
            if line is None:
                continue
            panel.imshow(line.picture("field")[0], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            rows.append({"network": LABELS[name], "state": state, **line.record.metrics})
    for name, panel in zip(names, panels[0], strict=False):
        panel.set_title(LABELS[name], fontsize=8)
    return rows


def first(collected: Sequence[Line], network: str, state: str) -> Line | None:
    """The record of the first seed that has the network's map in that state."""
    wanted = {"network": network, "state": state}
    lines = [
        line
        for line in collected
        if line.record.step == "receptive_field"
        and wanted.items() <= line.record.condition.items()
        and line.record.pictures is not None
    ]
    return min(lines, key=lambda line: line.record.seed, default=None)
