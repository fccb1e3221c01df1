"""The figure of streams: each method's error in each, beside the source network's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "Which stream breaks which method"
CAPTION = (
    "Mean error over corruptions in each stream, one line per method; the dashed line is the source network, "
    "which no stream touches. A gradual one, at full scale, has milder images. Points are means over orders."
)
REPRODUCES = "the protocol's question, not a figure of the paper"
ALTERNATIVE = (
    "Lines of error over streams: reset with small and large batches, continual, mixed, classes in bursts. "
    "The table below has the numbers."
)

METHODS = {
    "source": "Source",
    "bn_adapt": "BN adapt",
    "lame": "LAME",
    "tent": "TENT",
    "eata": "EATA",
    "sar": "SAR",
    "rotta": "RoTTA",
    "delta": "DELTA",
    "cafa": "CAFA",
    "cotta": "CoTTA",
}
STREAMS = ("reset", "continual", "gradual", "mixed", "correlated")

Row = dict[str, str | int | float | bool | None]


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one line per method; its points are returned as rows."""
    errors = mean_errors(collected)
    places = sorted({place for _, place in errors}, key=lambda place: (STREAMS.index(place[0]), place[1]))
    figure.set_size_inches(8.0, 4.2)
    panel = figure.subplots()
    rows: list[Row] = []
    for number, (method, label) in enumerate(METHODS.items()):
        points = [(place, errors[method, place]) for place in places if (method, place) in errors]
        if points:
            style = {"color": "black", "ls": "--"} if method == "source" else {"color": f"C{number}"}
            panel.plot(
                [places.index(at) for at, _ in points], [e for _, e in points], "o-", label=label, **style
            )
        rows += [
            {"method": method, "stream": at[0], "batch_size": at[1], "error_percent": round(error, 2)}
            for at, error in points
        ]
    panel.set_xticks(range(len(places)), [f"{stream},\nbatches of {size}" for stream, size in places])
    panel.set_ylabel("error, %")
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return rows


def mean_errors(collected: Sequence[Line]) -> dict[tuple[str, tuple[str, int]], float]:
    """(method, (stream, batch size)) -> mean over corruptions and seeds of the test error in percent."""
    found: dict[tuple[str, tuple[str, int]], list[float]] = defaultdict(list)
    for line in collected:
        record = line.record
        if record.step == "streams":
            place = (str(record.condition["stream"]), int(record.condition["batch_size"]))
            found[record.method, place].append(record.metrics["error_percent"])
    return {key: fmean(values) for key, values in found.items()}
