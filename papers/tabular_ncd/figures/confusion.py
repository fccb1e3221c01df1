"""The figure of confusions: true novel classes against the classes that clusters were matched with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from papers.tabular_ncd.figures._methods import DATA_SETS, METHODS

TITLE = "Confusion of novel classes after matching"
CAPTION = (
    "Test rows of each novel class (down) by the class that their cluster was matched with (across), in "
    "percent of the class, at the first seed with the number of classes known; k-means above, PBN below."
)
REPRODUCES = "the paper's view of confusion matrices"
ALTERNATIVE = "Matrices with dark diagonals where clusters are pure; what is off the diagonal is confused."

SHOWN = ("k_means", "pbn")


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one matrix per method and data set; the share of each class that is right is returned as rows."""
    found = confusions(collected)
    names = [name for name in DATA_SETS if any((method, name) in found for method in SHOWN)]
    if not names:
        return []
    figure.set_size_inches(2.6 * len(names), 2.7 * len(SHOWN))
    panels = figure.subplots(len(SHOWN), len(names), squeeze=False)
    rows: list[dict[str, str | int | float | bool | None]] = []
    for line, method in zip(panels, SHOWN, strict=True):
        for panel, name in zip(line, names, strict=True):
            panel.set_title(f"{METHODS[method][0]}, {DATA_SETS[name]}")
            panel.set_xticks([])
            panel.set_yticks([])
            shares = found.get((method, name), [])
            if shares:
                panel.imshow([row[: len(shares)] for row in shares], cmap="Blues", vmin=0, vmax=100)
            rows += [
                {
                    "method": METHODS[method][0],
                    "data_set": DATA_SETS[name],
                    "class": at,
                    "right_percent": row[at],
                }
                for at, row in enumerate(shares)
            ]
    return rows


def confusions(collected: Sequence[Line]) -> dict[tuple[str, str], list[list[float]]]:
    """(method, data set) -> percent of each class by matched class, at the first seed."""
    found: dict[tuple[str, str], list[list[float]]] = {}
    for line in sorted(collected, key=lambda line: line.record.seed):
        record = line.record
        honest = record.condition.get("chosen_on") in (None, "hidden_classes")
        wanted = METHODS.get(record.method, ("", ""))[1] == record.step and honest
        if wanted and record.condition.get("classes") == "known" and line.curves:
            key = (record.method, str(record.condition["dataset"]))
            found.setdefault(key, shares(line.curves["confusion"]))
    return found


def shares(flat: list[float]) -> list[list[float]]:
    """Rows of percent from counts of n classes by n + 1 columns, the last for clusters without a class."""
    classes = int((math.sqrt(1 + 4 * len(flat)) - 1) / 2)
    lines = [flat[at * (classes + 1) : (at + 1) * (classes + 1)] for at in range(classes)]
    return [[round(100 * count / max(sum(line), 1), 1) for count in line] for line in lines]
