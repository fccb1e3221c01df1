"""The distance plots: how far features lie from their class and from the others, as adaptation goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from papers.cafa.figures._methods import Row

TITLE = "Distances while adapting"
CAPTION = (
    "Mean squared Mahalanobis distance to the source's Gaussian of the class predicted (left), to those of "
    "the others (middle), and their ratio (right), batch after batch of a corruption, relative to the first "
    "batch of batch statistics alone. Mean over corruptions and orders of the images."
)
REPRODUCES = "the paper's plots of intra-class and inter-class distances"
ALTERNATIVE = "Three panels of distances against batches, one line per arm. The table below has the numbers."

ARMS = {
    "unadapted": "batch statistics alone",
    "both": "CAFA",
    "intra": "intra alone",
    "inter": "inter alone",
}
PANELS = {"intra": "to the class predicted", "inter": "to the others", "ratio": "ratio"}


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw one line per arm in each panel; the means are returned as rows."""
    courses = mean_courses(collected)
    figure.set_size_inches(9.6, 3.2)
    panels = figure.subplots(1, len(PANELS))
    rows: list[Row] = []
    for panel, (quantity, title) in zip(panels, PANELS.items(), strict=True):
        panel.set_title(title)
        panel.set_xlabel("batch")
        first = courses["unadapted"][quantity][0] if "unadapted" in courses else 1.0
        for arm, label in ARMS.items():
            values = [value / first for value in courses.get(arm, {}).get(quantity, [])]
            panel.plot(range(1, len(values) + 1), values, marker="o", label=label)
            rows += [
                {"arm": arm, "quantity": quantity, "batch": number, "relative": round(value, 4)}
                for number, value in enumerate(values, start=1)
            ]
    panels[0].set_ylabel("relative to the first batch")
    panels[0].legend(fontsize=8)
    return rows


def mean_courses(collected: Sequence[Line]) -> dict[str, dict[str, list[float]]]:
    """Arm -> quantity -> its mean at each batch, over corruptions and seeds of the test."""
    found: dict[str, dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    for line in collected:
        record, curves = line.record, line.curves or {}
        if record.step == "ablation" and record.condition["split"] == "test" and "inter" in curves:
            near, far = curves["intra"], curves["inter"]
            found[record.method]["intra"].append(near)
            found[record.method]["inter"].append(far)
            found[record.method]["ratio"].append([a / b for a, b in zip(near, far, strict=True)])
    return {
        arm: {name: [fmean(at) for at in zip(*runs, strict=True)] for name, runs in of_arm.items()}
        for arm, of_arm in found.items()
    }
