"""The figure of the latent space: test images of old and new classes at three moments of the discovery."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from common.records.collected import Line

TITLE = "The latent space while novel classes are discovered"
CAPTION = (
    "The first two principal components of the backbone's features, of test images of the first seed on "
    "Fashion-MNIST, each panel with its own. Grey: known classes; coloured: novel ones."
)
REPRODUCES = "the paper's view of the feature space of known and novel classes"
ALTERNATIVE = (
    "Clouds of points, one row per method, one column per moment: novel classes begin among the known ones "
    "and move apart."
)

METHODS = {"uno": "UNO", "cr_kd": "CR-KD"}
MOMENTS = {"start": "before discovery", "middle": "half-way", "end": "in the end"}
KNOWN_SHADES = ("#c9ced4", "#b4bac2", "#9ea6b0", "#89929d", "#747e8b")
KNOWN_MARKS = "osD^v"


def draw(collected: Sequence[Line], figure: Any) -> None:
    """Draw one row per method, one column per moment."""
    lines = {method: drawn_line(collected, method) for method in METHODS}
    shown = {method: line for method, line in lines.items() if line is not None}
    if not shown:
        return
    figure.set_size_inches(8.4, 2.8 * len(shown))
    panels = figure.subplots(len(shown), len(MOMENTS), squeeze=False)
    for row, (method, line) in zip(panels, shown.items(), strict=True):
        for panel, (moment, label) in zip(row, MOMENTS.items(), strict=True):
            _draw_points(panel, line, moment)
            panel.set(title=f"{METHODS[method]}, {label}", xticks=[], yticks=[])


def drawn_line(collected: Sequence[Line], method: str) -> Line | None:
    """The record that has the points of a method; None where none has."""
    for line in collected:
        record = line.record
        if (record.step, record.method) == ("discovery_fashion", method) and "latent_class" in (
            line.curves or {}
        ):
            return line
    return None


def points_by_class(line: Line, moment: str) -> dict[int, list[tuple[float, float]]]:
    """Class -> where its images lie; known classes are numbered from 0, novel ones after them."""
    curves = line.curves or {}
    flat = curves[f"latent_{moment}"]
    places = [pair for number, pair in enumerate(pairwise(flat)) if number % 2 == 0]
    found: dict[int, list[tuple[float, float]]] = {}
    for label, place in zip(curves["latent_class"], places, strict=True):
        found.setdefault(int(label), []).append(place)
    return found


def _draw_points(panel: Any, line: Line, moment: str) -> None:
    known = int(str(line.record.protocol["known_classes"]))
    for label, places in points_by_class(line, moment).items():
        x, y = zip(*places, strict=True)
        style = {"color": KNOWN_SHADES[label % 5], "marker": KNOWN_MARKS[label % 5]}
        if label >= known:
            style = {"color": f"C{(label - known) % 7}", "marker": "o"}
        panel.scatter(x, y, s=9, lw=0, **style)
