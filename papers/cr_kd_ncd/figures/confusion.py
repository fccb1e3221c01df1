"""The figure of confusion: test images by their class and by that of their cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line

TITLE = "Which classes are taken for which, after matching"
CAPTION = (
    "Test images of Fashion-MNIST, first seed, by their class (rows) and by the class that their cluster was "
    "matched with (columns), in percent of the row. Known classes come first; the lines part them from novel "
    "ones."
)
REPRODUCES = "Not in the paper: what its task-agnostic accuracies are made of"
ALTERNATIVE = "Matrices, dark on the diagonal where classes are found. The table below has the diagonal."

METHODS = {"k_means": "k-means", "uno": "UNO", "cr_kd": "CR-KD"}
NAMES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one matrix per method; its diagonal is returned as rows."""
    lines = {method: matched_line(collected, method) for method in METHODS}
    shown = {method: line for method, line in lines.items() if line is not None}
    rows: list[dict[str, str | int | float | bool | None]] = []
    if not shown:
        return rows
    figure.set_size_inches(3.4 * len(shown) + 0.6, 3.8)
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for panel, (method, line) in zip(panels, shown.items(), strict=True):
        names, shares = shares_of(line)
        known = int(str(line.record.protocol["known_classes"]))
        panel.imshow([row[: len(names)] for row in shares], cmap="Blues", vmin=0, vmax=100)
        panel.set(title=METHODS[method], xticks=range(len(names)), yticks=range(len(names)))
        panel.set_xticklabels(names, rotation=90)
        panel.set_yticklabels(names)
        panel.grid(visible=False)
        panel.axhline(known - 0.5, color="#22262b", lw=0.8)
        panel.axvline(known - 0.5, color="#22262b", lw=0.8)
        rows += [
            {"method": METHODS[method], "class": name, "known": place < known, "right": round(row[place], 1)}
            for place, (name, row) in enumerate(zip(names, shares, strict=True))
        ]
    return rows


def matched_line(collected: Sequence[Line], method: str) -> Line | None:
    """The record of the first seed that has a confusion matrix of a method; None where none has."""
    found = [
        line
        for line in collected
        if (line.record.step, line.record.method) == ("discovery_fashion", method)
        and "confusion" in (line.curves or {})
    ]
    return min(found, key=lambda line: line.record.seed, default=None)


def shares_of(line: Line) -> tuple[list[str], list[list[float]]]:
    """The classes' names, and the matrix in percent of its rows; its last column is of unmatched clusters."""
    curves = line.curves or {}
    names = [NAMES[int(label)] for label in curves["classes"]]
    width = len(names) + 1
    rows = [curves["confusion"][start : start + width] for start in range(0, len(names) * width, width)]
    return names, [[100 * count / sum(row) for count in row] for row in rows]
