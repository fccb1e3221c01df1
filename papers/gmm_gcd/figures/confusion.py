"""The figure of confusion: which classes the clusters hold, after each was matched with a class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "Classes and the clusters matched with them"
CAPTION = (
    "Percent of each class, by rows, in the cluster matched with each class, by columns; the last column is "
    "of clusters without a class. Old classes come before the line, new ones after it. GPC from eight "
    "clusters, mean over seeds, whose classes differ: the first row is of the first old class of each split."
)
REPRODUCES = "the paper's analysis of clusters by class"
ALTERNATIVE = (
    "A square of shades for each data set. The table has the share on the diagonal of old and of new classes."
)

DATASETS = {"fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10"}


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw a matrix for each data set; mean shares of the diagonal are returned as rows."""
    shown = {name: matrix for name in DATASETS if (matrix := mean_confusion(collected, name))}
    if not shown:
        return []
    figure.set_size_inches(3.8 * len(shown), 3.6)
    panels = figure.subplots(1, len(shown), squeeze=False)[0]
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, (name, matrix) in zip(panels, shown.items(), strict=True):
        classes, known = len(matrix), len(matrix) // 2
        panel.imshow(matrix, cmap="Blues", vmin=0, vmax=100)
        panel.axhline(known - 0.5, color="#d55e00", lw=1)
        panel.axvline(known - 0.5, color="#d55e00", lw=1)
        panel.axvline(classes - 0.5, color="#8a9099", lw=1)
        panel.grid(visible=False)
        panel.set(title=DATASETS[name], xlabel="cluster matched with", ylabel="class")
        diagonal = [matrix[place][place] for place in range(classes)]
        rows.append(
            {"data set": DATASETS[name], "old": fmean(diagonal[:known]), "new": fmean(diagonal[known:])}
        )
    return rows


def mean_confusion(collected: Sequence[Line], dataset: str) -> list[list[float]]:
    """Mean over seeds of the shares `[classes][classes + 1]`; empty where there are none."""
    found = [
        line.curves["confusion"]
        for line in collected
        if (line.record.step, line.record.method, line.record.condition.get("dataset"))
        == ("joint", "gpc", dataset)
        and line.record.condition["start"] == 8
        and line.curves
        and "confusion" in line.curves
    ]
    if not found:
        return []
    mean = [fmean(values) for values in zip(*found, strict=True)]
    width = math.isqrt(len(mean)) + 1  # classes times one more
    return [mean[start : start + width] for start in range(0, len(mean), width)]
