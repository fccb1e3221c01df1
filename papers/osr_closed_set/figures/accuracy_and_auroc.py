"""The figure of AUROC over closed-set accuracy: every network of every split, and the fitted line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from common.records.collected import Line

TITLE = "Closed-set accuracy and open-set AUROC"
CAPTION = (
    "Each point is a network: its accuracy on the known classes of a split, and the AUROC of its maximum "
    "logit. Colours are splits; stars have the strong recipe, dots the shortest training, squares and "
    "diamonds are other networks. The line is fitted to all points by least squares; the band is the 95 % "
    "interval of its height, as if all points were independent. Untrained networks are left out. Pearson's "
    "correlation r with the bootstrap's 95 % interval over networks."
)
REPRODUCES = "Figure 1 of the paper, with other networks"
ALTERNATIVE = "One panel per data set with a rising cloud of points. The table below has the lines."

PANELS = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10"}
MARKERS = {"brief": ".", "short": "v", "narrow": "s", "other": "D", "long": "P", "strong": "*"}
Points = dict[int, list[tuple[float, float, str]]]  # split -> accuracy, AUROC, network


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per data set; its line and correlation are returned as a row."""
    panels = figure.subplots(1, len(PANELS))
    figure.set_size_inches(9.6, 3.6)
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, (step, label) in zip(panels, PANELS.items(), strict=True):
        points = network_points(collected, step)
        panel.set_title(label)
        panel.set_xlabel("accuracy on known classes, %")
        _draw_points(panel, points)
        coordinates = [(x, y) for split in points.values() for x, y, _ in split]
        if len(coordinates) > 2:
            slope, intercept = _draw_line(panel, coordinates)
            rows.append(
                {"data_set": label, "networks": len(coordinates), "slope": slope, "intercept": intercept}
            )
            rows[-1] |= _draw_correlation(panel, collected, step)
    panels[0].set_ylabel("AUROC of the maximum logit, %")
    return rows


def network_points(collected: Sequence[Line], step: str) -> Points:
    """The trained networks of a data set, under the maximum logit."""
    found: Points = defaultdict(list)
    for record in (line.record for line in collected):
        condition = record.condition
        if (record.step, record.method, condition.get("score")) != (step, "cross_entropy", "mls"):
            continue
        if condition["network"] != "untrained":
            metrics = record.metrics
            found[record.seed].append(
                (metrics["closed_accuracy"], metrics["auroc"], str(condition["network"]))
            )
    return dict(sorted(found.items()))


def _draw_points(panel: Any, points: Points) -> None:
    for split, networks in points.items():
        for accuracy, auroc, network in networks:
            marker = MARKERS.get(network, "o")
            size = 9 if marker == "*" else 5
            panel.plot(accuracy, auroc, marker, color=f"C{split % 7}", ms=size, mew=0, alpha=0.8)


def _draw_line(panel: Any, coordinates: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Least squares, with the interval of the mean of y at each x (Student's t, n - 2 degrees of freedom)."""
    import numpy as np
    from scipy.special import stdtrit

    x, y = np.array(coordinates).T
    slope, intercept = np.polyfit(x, y, 1)
    left = len(x) - 2
    error = np.sqrt(((y - slope * x - intercept) ** 2).sum() / left)
    along = np.linspace(x.min(), x.max(), 50)
    spread = ((x - x.mean()) ** 2).sum()
    half = stdtrit(left, 0.975) * error * np.sqrt(1 / len(x) + (along - x.mean()) ** 2 / spread)
    height = slope * along + intercept
    panel.plot(along, height, color="#22262b", lw=1.2)
    panel.fill_between(along, height - half, height + half, color="#22262b", alpha=0.12, lw=0)
    return float(slope), float(intercept)


def _draw_correlation(panel: Any, collected: Sequence[Line], step: str) -> dict[str, float]:
    for record in (line.record for line in collected):
        wanted = {"score": "mls", "points": "all"}
        if record.step == f"pooled_{step}" and record.condition == wanted:
            found = {name: record.metrics[name] for name in ("pearson", "pearson_low", "pearson_high")}
            text = "r = {pearson:.2f} [{pearson_low:.2f}, {pearson_high:.2f}]".format(**found)
            panel.text(0.04, 0.95, text, transform=panel.transAxes, va="top", fontsize=8)
            return found
    return {}
