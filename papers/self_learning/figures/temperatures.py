"""The phase diagram of the two-point model: where self-training collapses, beside where theory says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line

TITLE = "Two points: temperatures at which self-training collapses"
CAPTION = (
    "Dark: the simulation collapses towards the trivial solution (learning rate 0.1, momentum 0.9). "
    "Line: the border that theory predicts, collapse to its left. "
    "Right column: the same from a start near zero, where the theory linearises; "
    "what it misses from the published start, for entropy minimisation, is gone."
)
REPRODUCES = "Section 6 of the paper, the figure of the two-point model"
ALTERNATIVE = (
    "Four phase diagrams over student and teacher temperature. No collapse ever lies on the safe side of the "
    "predicted border."
)

VARIANTS = {"stop_gradient": ("gradient stopped", 1.0), "entropy": ("entropy", 0.5)}
STARTS = {0.5: "start (0.5, 0.5)", 0.005: "start (0.005, 0.005)"}


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per variant and start; the shares of agreement are returned as rows."""
    figure.set_size_inches(7.2, 6.6)
    panels = figure.subplots(len(VARIANTS), len(STARTS), sharex=True, sharey=True)
    rows: list[dict[str, str | int | float | bool | None]] = []
    for row, (method, (label, slope)) in zip(panels, VARIANTS.items(), strict=True):
        for panel, (start, title) in zip(row, STARTS.items(), strict=True):
            line = _find(collected, method, start)
            panel.set_title(f"{label}, {title}")
            if line is not None:
                _draw_phases(panel, line, slope)
                rows.append({"method": method, "start": start, **line.record.metrics})
    for panel in panels[-1]:
        panel.set_xlabel("student temperature")
    for row in panels:
        row[0].set_ylabel("teacher temperature")
    return rows


def _find(collected: Sequence[Line], method: str, start: float) -> Line | None:
    wanted = {"learning_rate": 0.1, "momentum": 0.9, "start_1": start, "start_2": start}
    found = (line for line in collected if line.record.step == "two_points" and line.record.method == method)
    return next((line for line in found if line.record.condition == wanted), None)


def _draw_phases(panel: Any, line: Line, slope: float) -> None:
    """Theory's border is tau_s = slope * tau_t."""
    curves = line.curves or {}
    axis = curves["temperature"]
    side = len(axis)
    # The simulation's first axis is the student's temperature, which here runs to the right.
    collapsed = [
        [curves["collapsed"][student * side + teacher] for student in range(side)] for teacher in range(side)
    ]
    panel.grid(False)
    panel.pcolormesh(axis, axis, collapsed, cmap="Blues", vmin=0, vmax=1.6, rasterized=True)
    panel.plot([slope * t for t in axis], axis, color="C1", label="predicted border")
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlim(axis[0], axis[-1])
    panel.set_ylim(axis[0], axis[-1])
    panel.legend(loc="upper left")
