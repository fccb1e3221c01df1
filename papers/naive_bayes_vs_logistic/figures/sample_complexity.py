"""The figure of sample complexity: examples needed over features, with the slopes of both classifiers."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "Examples needed over the number of features"
CAPTION = (
    "The first number of examples at which the error is within a point of the Bayes error; both axes are "
    "logarithmic. Mean over seeds, the bar is their range; a in the legend is the exponent of m = c n^a. "
    "Right: the means come closer as features are added, so that the Bayes error stays the same (ours)."
)
REPRODUCES = "Section 5.1 of the paper, its curves of sample complexity"
ALTERNATIVE = (
    "Panels with one line per classifier: the number of examples needed over the number of features. "
    "The table below has the numbers."
)

METHODS = {
    "naive_bayes": "naive Bayes",
    "logistic_regression": "logistic regression",
    "logistic_optimum": "logistic regression, optimum",
}
COVARIANCES = {"easy": "", "hard": ", hard", "fixed_bayes": ", Bayes error fixed"}

Needs = dict[float, list[float]]  # features -> examples needed, one per seed


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per covariance and number of classes; the means are returned as rows."""
    needs = needs_by_world(collected)
    worlds = [world for world in sorted(needs, key=_order) if _has_a_line(needs[world])]
    rows: list[dict[str, str | int | float | bool | None]] = []
    if not worlds:
        return rows
    figure.set_size_inches(3.3 * len(worlds), 3.4)
    panels = figure.subplots(1, len(worlds), sharey=True, squeeze=False)[0]
    for panel, (covariance, classes) in zip(panels, worlds, strict=True):
        panel.set_title(f"{classes} classes{COVARIANCES[covariance]}")
        panel.set(xscale="log", yscale="log", xlabel="features n")
        for place, (method, label) in enumerate(METHODS.items()):
            needed = needs[covariance, classes].get(method, {})
            rows += [
                {"covariance": covariance, "classes": classes, "method": label, **row}
                for row in _draw_needs(panel, needed, label, place)
            ]
        panel.legend(loc="upper left", fontsize=7)
    panels[0].set_ylabel("examples needed m")
    return rows


def needs_by_world(collected: Sequence[Line]) -> dict[tuple[str, int], dict[str, Needs]]:
    """(covariance, classes) -> method -> features -> examples needed, one per seed."""
    found: dict[tuple[str, int], dict[str, Needs]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for record in (line.record for line in collected):
        if record.step == "simulation":
            world = (str(record.condition["covariance"]), int(record.condition["classes"]))
            needed = found[world][record.method]
            needed[float(record.condition["features"])].append(record.metrics["samples_needed"])
    return found


def slope(needed: Needs) -> float:
    """The exponent a of m = c n^a: least squares in logarithms of the means."""
    points = [(math.log(features), math.log(fmean(counts))) for features, counts in needed.items()]
    x, y = (fmean(axis) for axis in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def _has_a_line(methods: dict[str, Needs]) -> bool:
    return any(len(needed) > 1 for needed in methods.values())


def _order(world: tuple[str, int]) -> tuple[int, int]:
    return list(COVARIANCES).index(world[0]), world[1]


def _draw_needs(panel: Any, needed: Needs, label: str, place: int) -> list[dict[str, float]]:
    if not needed:
        return []
    features = sorted(needed)
    means = [fmean(needed[count]) for count in features]
    below = [mean - min(needed[count]) for mean, count in zip(means, features, strict=True)]
    above = [max(needed[count]) - mean for mean, count in zip(means, features, strict=True)]
    fitted = f", a = {slope(needed):.2f}" if len(features) > 1 else ""
    panel.errorbar(
        features, means, yerr=[below, above], marker="o^s"[place], color=f"C{place}", label=label + fitted
    )
    return [
        {"features": count, "samples_needed": round(mean, 1)}
        for count, mean in zip(features, means, strict=True)
    ]
