"""The figure of images: the hardest to forget beside members of a random set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line

TITLE = "The hardest to forget, beside random images"
CAPTION = (
    "Training images of the first seed: left, those with the largest weight in the worst-case selection; "
    "right, members of the random set. The hardest to forget are clean, typical examples."
)
REPRODUCES = "the paper's view of selected images"
ALTERNATIVE = "Two grids of small images: typical, clean items on the left, a mixed bag on the right."

PANELS = {"worst": "hardest to forget", "random": "random"}
COLUMNS = 4


def draw(collected: Sequence[Line], figure: Any) -> None:
    """Draw one grid per kind of set."""
    import numpy as np

    panels = figure.subplots(1, len(PANELS))
    figure.set_size_inches(6.4, 2.9)
    for panel, (kind, title) in zip(panels, PANELS.items(), strict=True):
        panel.set_title(title)
        panel.set_axis_off()
        line = first_line(collected, kind)
        if line is not None:
            images = line.picture("members")
            whole = len(images) // COLUMNS * COLUMNS
            rows = [
                np.concatenate(list(images[at : at + COLUMNS]), axis=1) for at in range(0, whole, COLUMNS)
            ]
            panel.imshow(np.concatenate(rows, axis=0), cmap="gray", vmin=0, vmax=255, interpolation="nearest")


def first_line(collected: Sequence[Line], kind: str) -> Line | None:
    """The record of the first seed that shows members of that kind of set."""
    lines = [
        line
        for line in collected
        if line.record.step == "difficulty"
        and line.record.condition.get("forget_set") == kind
        and line.record.pictures is not None
    ]
    return min(lines, key=lambda line: line.record.seed, default=None)
