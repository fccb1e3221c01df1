"""The heat map of the main table: error of each method on each corruption."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from papers.cafa.figures._methods import CORRUPTIONS, METHODS, Row

TITLE = "Error by corruption"
CAPTION = (
    "Mean error over orders of the images in percent, a row for each method, a column for each corruption; "
    "the network is reset before each. Dark: many errors."
)
REPRODUCES = "the main table, drawn"
ALTERNATIVE = "A grid of errors, methods by corruptions. The table below has the numbers."


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw the grid with the errors written into it; they are returned as rows."""
    errors = mean_errors(collected)
    methods = [method for method in METHODS if any(found == method for found, _ in errors)]
    corruptions = [name for name in CORRUPTIONS if any(found == name for _, found in errors)]
    figure.set_size_inches(9.6, 0.34 * len(methods) + 1.2)
    panel = figure.subplots()
    missing = float("nan")
    grid = [[errors.get((method, name), missing) for name in corruptions] for method in methods]
    if grid:
        panel.imshow(grid, cmap="Blues", vmin=0, vmax=90, aspect="auto")
    panel.grid(False)
    for row, values in enumerate(grid):
        for column, value in enumerate(values):
            colour = "white" if value > 55 else "black"
            panel.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=7, color=colour)
    panel.set_xticks(range(len(corruptions)), [CORRUPTIONS[name] for name in corruptions])
    panel.set_yticks(range(len(methods)), [METHODS[method] for method in methods])
    return [
        {"method": method, "corruption": name, "error_percent": round(errors[method, name], 2)}
        for method in methods
        for name in corruptions
        if (method, name) in errors
    ]


def mean_errors(collected: Sequence[Line]) -> dict[tuple[str, str], float]:
    """(method, corruption) -> mean test error in percent of the main step over seeds."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for line in collected:
        record = line.record
        if record.step == "online" and record.condition["split"] == "test":
            found[record.method, str(record.condition["corruption"])].append(record.metrics["error_percent"])
    return {key: fmean(values) for key, values in found.items()}
