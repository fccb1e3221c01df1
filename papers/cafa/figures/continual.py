"""The figure of a continual stream: error along it, corruption after corruption, without a reset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from papers.cafa.figures._methods import CORRUPTIONS, METHODS, Row, style

TITLE = "Along a continual stream"
CAPTION = (
    "Error in percent over successive tenths of each corruption, in a stream without a reset; mean over "
    "orders of the images. One panel for each size of batch. Dotted: the next corruption begins."
)
REPRODUCES = "the protocol's question, not a figure of the paper"
ALTERNATIVE = "Lines of error along a stream of corruptions, one per method. The table below has the numbers."

Parts = dict[tuple[int, str], dict[str, list[list[float]]]]  # (batch size, method) -> corruption -> seeds


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one panel per batch size and one line per method; the means are returned as rows."""
    parts = along(collected)
    sizes = sorted({size for size, _ in parts})
    figure.set_size_inches(9.6, 3.2 * max(1, len(sizes)))
    panels = figure.subplots(max(1, len(sizes)), sharey=True, squeeze=False)[:, 0]
    rows: list[Row] = []
    for panel, size in zip(panels, sizes, strict=False):
        panel.set_title(f"batches of {size}")
        panel.set_ylabel("error, %")
        for method in METHODS:
            if (size, method) in parts:
                rows += _draw_line(panel, size, method, parts[size, method])
    if rows:
        panels[0].legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=8)
    return rows


def along(collected: Sequence[Line]) -> Parts:
    """The error over successive parts of each corruption, of each seed."""
    found: Parts = defaultdict(lambda: defaultdict(list))
    for line in collected:
        record = line.record
        if record.step == "streams" and record.condition["stream"] == "continual" and line.curves:
            size, corruption = int(record.condition["batch_size"]), str(record.condition["corruption"])
            found[size, record.method][corruption].append(line.curves["error_percent"])
    return found


def _draw_line(panel: Any, size: int, method: str, by_corruption: dict[str, list[list[float]]]) -> list[Row]:
    rows: list[Row] = []
    places: list[float] = []
    ticks: list[tuple[float, str]] = []
    met = [name for name in CORRUPTIONS if name in by_corruption]
    for number, name in enumerate(met):
        means = [fmean(at) for at in zip(*by_corruption[name], strict=True)]
        places += [number + (part + 0.5) / len(means) for part in range(len(means))]
        ticks.append((number + 0.5, CORRUPTIONS[name]))
        for part, mean in enumerate(means):
            rows.append(
                {
                    "batch_size": size,
                    "method": method,
                    "corruption": name,
                    "part": part,
                    "error_percent": mean,
                }
            )
    panel.plot(places, [row["error_percent"] for row in rows], label=METHODS[method], **style(method))
    panel.set_xticks([place for place, _ in ticks], [label for _, label in ticks])
    for border in range(1, len(met)):
        panel.axvline(border, color="grey", ls=":", lw=0.8)
    return rows
