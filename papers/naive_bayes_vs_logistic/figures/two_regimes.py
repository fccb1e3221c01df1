"""The figure of two regimes: error over the number of examples on each feature set, the crossing marked."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "Two regimes: error over the number of labelled examples"
CAPTION = (
    "Test error of the pair and of the nearest class mean. Mean over draws, the band is their range. "
    "A vertical line marks where logistic regression with a fixed C overtakes naive Bayes; where there is "
    "none, one of them is ahead at every number of examples."
)
REPRODUCES = "Section 5.2 of the paper, its curves of error over the number of examples"
ALTERNATIVE = "One panel per feature set with a line per classifier. The table below has the crossings."

FEATURES = {
    "pixels": "pixels",
    "principal_components": "128 components",
    "supervised_network": "network, labels",
    "rotation_network": "network, rotations",
    "imagenet_network": "network, ImageNet",
}
METHODS = {
    "naive_bayes": ("naive Bayes", "-"),
    "logistic_regression": ("logistic regression", "-"),
    "logistic_chosen": ("logistic regression, C chosen", ":"),
    "nearest_class_mean": ("nearest class mean", "--"),
}

Errors = dict[float, list[float]]  # samples -> error, one per draw


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per feature set; where the curves cross is returned as rows."""
    errors = errors_by_features(collected)
    shown = [name for name in FEATURES if name in errors]
    if not shown:
        return []
    figure.set_size_inches(2.4 * len(shown), 3.8)
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, name in zip(panels, shown, strict=True):
        panel.set(title=FEATURES[name], xscale="log", xlabel="examples m")
        for place, (method, (label, style)) in enumerate(METHODS.items()):
            _draw_errors(panel, errors[name].get(method, {}), label, style, f"C{place}")
        crossing = crossing_of(
            errors[name].get("naive_bayes", {}), errors[name].get("logistic_regression", {})
        )
        if crossing is not None:
            panel.axvline(crossing, color="#8a9099", lw=1)
        rows.append({"features": FEATURES[name], "crossing": None if crossing is None else round(crossing)})
    panels[0].set_ylabel("error, %")
    panels[0].legend(loc="upper right", fontsize=7)
    return rows


def errors_by_features(collected: Sequence[Line]) -> dict[str, dict[str, Errors]]:
    """Feature set -> method -> samples -> error of every draw."""
    found: dict[str, dict[str, Errors]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for record in (line.record for line in collected):
        if record.step == "probes":
            errors = found[str(record.condition["features"])][record.method]
            errors[float(record.condition["samples"])].append(record.metrics["error_percent"])
    return found


def crossing_of(naive_bayes: Errors, logistic: Errors) -> float | None:
    """Where logistic regression comes from above naive Bayes to stay below it, on straight lines over log m.

    The last such place; None where there is none.
    """
    sizes = sorted(naive_bayes.keys() & logistic.keys())
    ahead = [fmean(logistic[size]) - fmean(naive_bayes[size]) for size in sizes]
    found = None
    for (before, after), (high, low) in zip(pairwise(sizes), pairwise(ahead), strict=True):
        if high > 0 >= low:
            share = high / (high - low)
            found = math.exp((1 - share) * math.log(before) + share * math.log(after))
    return found if ahead and ahead[-1] <= 0 else None


def _draw_errors(panel: Any, errors: Errors, label: str, style: str, colour: str) -> None:
    sizes = sorted(errors)
    if not sizes:
        return
    panel.plot(sizes, [fmean(errors[size]) for size in sizes], style, color=colour, label=label)
    ends = [[of(errors[size]) for size in sizes] for of in (min, max)]
    panel.fill_between(sizes, *ends, color=colour, alpha=0.12, lw=0)
