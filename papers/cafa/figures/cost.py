"""The figure of cost: error against the time that a method takes for an image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "What adaptation costs"
CAPTION = (
    "Mean error over the fifteen corruptions against milliseconds an image, adaptation and prediction "
    "together, on the machine that made the records. Times are part of a record's cost, not of its metrics: "
    "they do not repeat."
)
REPRODUCES = "the protocol's question, not a figure of the paper"
ALTERNATIVE = "One point per method: error against milliseconds an image. The table below has the numbers."

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw a point for each method; they are returned as rows, the cheapest first."""
    points = sorted(costs(collected), key=lambda point: point[1])
    figure.set_size_inches(6.4, 4.2)
    panel = figure.subplots()
    for method, milliseconds, error in points:
        panel.plot(milliseconds, error, "o", color="C1" if method == "cafa" else "C0")
        panel.annotate(method, (milliseconds, error), xytext=(4, 4), textcoords="offset points", fontsize=8)
    panel.set_xscale("log")
    panel.set_xlabel("milliseconds an image")
    panel.set_ylabel("error, %")
    return [
        {"method": method, "milliseconds": round(milliseconds, 3), "error_percent": round(error, 2)}
        for method, milliseconds, error in points
    ]


def costs(collected: Sequence[Line]) -> list[tuple[str, float, float]]:
    """(method, milliseconds an image, mean test error in percent) of the main step's methods."""
    seconds: dict[str, list[float]] = defaultdict(list)
    errors: dict[str, list[float]] = defaultdict(list)
    for line in collected:
        record = line.record
        if record.step == "online" and record.condition["split"] == "test":
            images = record.protocol["images"]
            assert isinstance(images, int)
            seconds[record.method].append(record.cost.parts["adapting"] / images)
            errors[record.method].append(record.metrics["error_percent"])
    return [(method, 1000 * fmean(seconds[method]), fmean(errors[method])) for method in errors]
