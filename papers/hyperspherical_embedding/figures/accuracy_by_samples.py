"""The figure of accuracy against the number of samples of a new class, a line for each objective."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from common.records.query import Selection
from papers.hyperspherical_embedding.figures._curves import Row, draw_line, values_by

TITLE = "Accuracy against the number of samples of a new class"
CAPTION = (
    "Above, accuracy among new classes alone; below, harmonic mean of the accuracies on old and on new "
    "classes among all of them. Five old and five new classes, mean over seeds with its 95 % interval. "
    "Dashed: old classes are known by the columns that were trained, and not by means."
)
REPRODUCES = "the paper's comparison of losses; its own curves were not found"
ALTERNATIVE = "Four panels with a line per objective over the number of samples. The table has the numbers."

STEPS = {"fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10"}
METRICS = {"disjoint_accuracy": "new alone, %", "joint_harmonic": "joint, harmonic, %"}
SAMPLES: list[int | str] = [1, 5, 20, "all"]
LINES = {  # label -> method, rule
    "normalised softmax": ("normalised_softmax", "columns"),
    "the same, old imprinted too": ("normalised_softmax", "cosine"),
    "learned scale": ("learned_scale", "columns"),
    "ArcFace": ("arcface", "columns"),
    "softmax, cosine": ("softmax", "cosine"),
    "softmax, L2": ("softmax", "euclidean"),
    "triplet": ("triplet", "cosine"),
    "contrastive": ("contrastive", "cosine"),
    "prototypical": ("prototypical", "euclidean"),
    "supervised contrastive": ("supervised_contrastive", "cosine"),
    "untrained": ("untrained", "cosine"),
}
MARKERS = "osD^vP*Xdh<"


def draw(collected: Sequence[Line], figure: Any) -> list[Row]:
    """Draw a column of panels for each data set; means and intervals are returned as rows."""
    figure.set_size_inches(7.6, 6.4)
    panels = figure.subplots(len(METRICS), len(STEPS), sharex=True, squeeze=False)
    rows: list[Row] = []
    for across, (step, title) in enumerate(STEPS.items()):
        for down, (metric, unit) in enumerate(METRICS.items()):
            rows += _draw_panel(panels[down][across], collected, step, metric)
            panels[down][0].set_ylabel(unit)
        panels[0][across].set_title(title)
        panels[-1][across].set_xlabel("samples of a new class")
    if rows:
        handles, labels = panels[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8)
    return rows


def _draw_panel(panel: Any, collected: Sequence[Line], step: str, metric: str) -> list[Row]:
    rows: list[Row] = []
    for number, (label, (method, rule)) in enumerate(LINES.items()):
        chosen = Selection(step=step, method=method, metric=metric, where={"old": 5, "rule": rule})
        found = values_by(collected, chosen, "samples")
        there = [samples for samples in SAMPLES if samples in found]
        # Side by side, so that intervals of the same number of samples can be told apart.
        places = [SAMPLES.index(samples) + 0.05 * (number - len(LINES) / 2) for samples in there]
        style = {"label": label, "marker": MARKERS[number], "ls": "--" if rule == "columns" else "-"}
        drawn = draw_line(panel, places, [found[samples] for samples in there], style)
        for samples, row in zip(there, drawn, strict=True):
            named = {"data": STEPS[step], "metric": metric, "objective": label, "samples": str(samples)}
            rows.append({**named, **row})
    panel.set_xticks(range(len(SAMPLES)), [str(samples) for samples in SAMPLES])
    return rows
