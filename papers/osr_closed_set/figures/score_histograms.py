"""The figure of scores: how they are distributed over images of known and of unknown classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line

TITLE = "Scores of known and unknown classes"
CAPTION = (
    "Distribution of the maximum softmax probability (top) and of the maximum logit (bottom) over test "
    "images of known and of unknown classes, for the network of the strong recipe on the first split."
)
REPRODUCES = "the paper's comparison of softmax and logit scores"
ALTERNATIVE = "Two rows of three panels, each with a histogram of known and one of unknown images."

PANELS = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10"}
SCORES = {"msp": "maximum softmax probability", "mls": "maximum logit"}
SPLIT = 0


def draw(collected: Sequence[Line], figure: Any) -> None:
    """Draw a panel for each score and data set."""
    panels = figure.subplots(len(SCORES), len(PANELS))
    figure.set_size_inches(9.6, 4.8)
    for above, (score, label) in zip(panels, SCORES.items(), strict=True):
        for panel, (step, name) in zip(above, PANELS.items(), strict=True):
            curves = histograms(collected, step, score)
            if score == "msp":
                panel.set_title(name)
            panel.set_xlabel(label)
            if curves:
                _draw_histogram(panel, curves)
        above[0].set_ylabel("share of images")
    if panels[0][0].get_legend_handles_labels()[0]:
        panels[0][0].legend(loc="upper center")


def histograms(collected: Sequence[Line], step: str, score: str) -> dict[str, list[float]]:
    """Edges of bins and the shares in them; empty where the records have none."""
    wanted = {"network": "strong", "score": score}
    for line in collected:
        record = line.record
        place = (record.step, record.method, record.seed)
        if place == (step, "cross_entropy", SPLIT) and record.condition == wanted:
            return line.curves or {}
    return {}


def _draw_histogram(panel: Any, curves: dict[str, list[float]]) -> None:
    for kind, colour in (("known", "C0"), ("unknown", "C1")):
        panel.stairs(
            curves[f"{kind}_share"], curves["bin_edges"], fill=True, alpha=0.45, color=colour, label=kind
        )
