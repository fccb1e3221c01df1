"""The figure of batch sizes: where methods that live on the statistics of a batch collapse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from papers.cafa.figures._methods import METHODS, Row, style

TITLE = "Collapse against batch size"
CAPTION = (
    "Mean error over corruptions against the number of images that arrive together, with a reset before each "
    "corruption (lines) and without any (crosses). Dashed: the source network, to which batches mean nothing."
)
REPRODUCES = "the protocol's question, not a figure of the paper"
ALTERNATIVE = "Lines of error against batch size, one per method. The table below has the numbers."


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one line per method; its points are returned as rows."""
    errors = mean_errors(collected)
    figure.set_size_inches(7.2, 4.2)
    panel = figure.subplots()
    rows: list[Row] = []
    for method, label in METHODS.items():
        for stream, marks in (("reset", {"marker": "o", "label": label}), ("continual", {"marker": "x"})):
            points = sorted((size, e) for (m, s, size), e in errors.items() if (m, s) == (method, stream))
            if points:
                look = style(method) | ({"ls": "none"} if stream == "continual" else {})
                panel.plot([size for size, _ in points], [e for _, e in points], **marks, **look)
            rows += [
                {"method": method, "stream": stream, "batch_size": size, "error_percent": round(error, 2)}
                for size, error in points
            ]
    panel.set_xscale("log")
    sizes = sorted({int(size) for _, _, size in errors})
    panel.set_xticks(sizes, list(map(str, sizes)))
    panel.minorticks_off()
    panel.set_xlabel("images in a batch")
    panel.set_ylabel("error, %")
    if rows:
        panel.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return rows


def mean_errors(collected: Sequence[Line]) -> dict[tuple[str, str, int], float]:
    """(method, stream, batch size) -> mean over corruptions and seeds of the test error in percent."""
    found: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for line in collected:
        record = line.record
        if record.step == "streams" and record.condition["stream"] in ("reset", "continual"):
            stream, size = str(record.condition["stream"]), int(record.condition["batch_size"])
            found[record.method, stream, size].append(record.metrics["error_percent"])
    return {key: fmean(values) for key, values in found.items()}
