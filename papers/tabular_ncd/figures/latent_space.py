"""The figure of PBN's latent space over its training: known and novel classes drift apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line

TITLE = "PBN's latent space over its training"
CAPTION = (
    "Test rows of Pendigits before, during and after training, on the two principal components of the "
    "latents at the end. Circles are of known classes, crosses of novel ones, whose labels PBN never sees; "
    "a colour is a class. Above each panel: how many rows have a nearest neighbour of their own class."
)
REPRODUCES = "the paper's figure of the latent space during training"
ALTERNATIVE = "Three scatter plots in which groups of points of one colour become tighter and move apart."


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per moment of the first seed; the shares of neighbours are returned as rows."""
    line = first_map(collected)
    if line is None or line.curves is None:
        return []
    steps = sorted(int(name.removeprefix("x_")) for name in line.curves if name.startswith("x_"))
    figure.set_size_inches(3.1 * len(steps), 3.3)
    panels = figure.subplots(1, len(steps), squeeze=False)[0]
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, step in zip(panels, steps, strict=True):
        share = line.record.metrics[f"same_neighbour_{step}"]
        panel.set_title(f"after {step} steps: {share:.0f} %")
        panel.set_xticks([])
        panel.set_yticks([])
        _scatter(panel, line.curves, step)
        rows.append({"steps": step, "same_class_neighbour_percent": round(share, 1)})
    return rows


def first_map(collected: Sequence[Line]) -> Line | None:
    """The look at latents of the first seed."""
    lines = [line for line in collected if line.record.step == "latent_maps" and line.curves]
    return min(lines, key=lambda line: line.record.seed, default=None)


def _scatter(panel: Any, curves: dict[str, list[float]], step: int) -> None:
    classes, novel = curves["class"], curves["novel"]
    x, y = curves[f"x_{step}"], curves[f"y_{step}"]
    for colour, label in enumerate(sorted(set(classes))):
        places = [place for place, found in enumerate(classes) if found == label]
        marker = "x" if novel[places[0]] else "o"
        panel.scatter(
            [x[place] for place in places],
            [y[place] for place in places],
            s=8,
            marker=marker,
            linewidths=0.8,
            color=f"C{colour % 10}",
            label=f"{label:g}{' (novel)' if novel[places[0]] else ''}",
        )
