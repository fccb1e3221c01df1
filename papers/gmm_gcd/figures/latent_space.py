"""The figure of the latent space: unlabelled images at the first E-step, in the middle and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line

TITLE = "Latent space while features and clusters are learned"
CAPTION = (
    "Unlabelled images of one class split on the two principal components of their features: circles are "
    "of old classes, crosses of new ones, a colour for each. At the first, the middle and the last E-step."
)
REPRODUCES = "the paper's visualisation of features"
ALTERNATIVE = "A row of scatter plots for each data set, one for each moment of the training."

DATASETS = {"fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10"}


def draw(collected: Sequence[Line], figure: Any) -> None:
    """Draw a row of panels for each data set, from the training of seed 0."""
    shown = {name: curves for name in DATASETS if (curves := curves_of(collected, name))}
    if not shown:
        return
    moments = {name: epochs(curves) for name, curves in shown.items()}
    width = max(map(len, moments.values()))
    figure.set_size_inches(2.6 * width, 2.6 * len(shown))
    panels = figure.subplots(len(shown), width, squeeze=False)
    for row, (name, curves) in zip(panels, shown.items(), strict=True):
        for panel, epoch in zip(row, moments[name], strict=False):
            panel.set(title=f"{DATASETS[name]}, epoch {epoch}", xticks=[], yticks=[])
            _scatter(panel, curves, epoch)


def curves_of(collected: Sequence[Line], dataset: str) -> dict[str, list[float]] | None:
    """The curves of GPC's training on a data set at seed 0, from 1.5 times the known classes."""
    for line in collected:
        record = line.record
        place = (record.step, record.method, record.seed, record.condition.get("dataset"))
        if place == ("joint", "gpc", 0, dataset) and record.condition["start"] == 8 and line.curves:
            return line.curves
    return None


def epochs(curves: dict[str, list[float]]) -> list[int]:
    """The moments at which images were drawn, in order."""
    return sorted(int(name.removeprefix("x_")) for name in curves if name.startswith("x_"))


def _scatter(panel: Any, curves: dict[str, list[float]], epoch: int) -> None:
    from matplotlib import colormaps

    classes = [int(label) for label in curves["class"]]
    known = (max(classes) + 1) // 2
    colours = colormaps["tab10"]
    for label in sorted(set(classes)):
        places = [place for place, found in enumerate(classes) if found == label]
        x, y = ([curves[f"{axis}_{epoch}"][place] for place in places] for axis in "xy")
        marker = "o" if label < known else "x"
        panel.scatter(x, y, s=9, marker=marker, color=colours(label % 10), linewidths=0.8)
