"""The figure of the class relation: how much of it is left, and how well classes are found, by epoch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "The class relation fades during discovery, unless it is distilled"
CAPTION = (
    "Images without a label. Left, how far the network's relation to the known classes has come from that "
    "of stage 1; middle, how much of it is left, 100 % at first; right, accuracy of the novel head. Mean "
    "over seeds, the band is their range."
)
REPRODUCES = "the paper's picture of a relation that degrades, as curves over training"
ALTERNATIVE = "Three panels with one line per method over epochs. The table below has their last points."

METHODS = {
    "uno": "UNO",
    "auto_novel": "AutoNovel",
    "ncl": "NCL",
    "cr_kd": "CR-KD",
    "another_image_s_relation": "relation of another image",
}
PANELS = {
    "relation_divergence": "KL(r_old ‖ r_new), nats",
    "relation_kept": "relation kept, %",
    "unlabelled_accuracy": "accuracy, %",
}
DATA_SETS = {"discovery_fashion": "Fashion-MNIST", "discovery_cifar10": "CIFAR-10"}

Curves = dict[str, list[list[float]]]  # name -> a curve for each seed


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw a row of panels for each data set; the last points of all curves are returned as rows."""
    found = curves_by_method(collected)
    shown = [step for step in DATA_SETS if any(key[0] == step for key in found)]
    rows: list[dict[str, str | int | float | bool | None]] = []
    if not shown:
        return rows
    figure.set_size_inches(9.0, 2.9 * len(shown))
    panels = figure.subplots(len(shown), len(PANELS), squeeze=False)
    for line, step in zip(panels, shown, strict=True):
        for panel, (name, label) in zip(line, PANELS.items(), strict=True):
            for place, method in enumerate(METHODS):
                if (step, method) in found:
                    _draw_curve(panel, found[step, method], name, f"C{place}", METHODS[method])
            panel.set(xlabel="epoch", ylabel=label)
        line[0].set_title(DATA_SETS[step])
        rows += [
            {"data set": DATA_SETS[step], "method": label, **_ends(found[step, method])}
            for method, label in METHODS.items()
            if (step, method) in found
        ]
    panels[0][0].legend(fontsize=7)
    return rows


def curves_by_method(collected: Sequence[Line]) -> dict[tuple[str, str], Curves]:
    """(step, method) -> the curves of all seeds."""
    found: dict[tuple[str, str], Curves] = defaultdict(lambda: defaultdict(list))
    for line in collected:
        if line.curves and "relation_kept" in line.curves:
            for name, curve in line.curves.items():
                found[line.record.step, line.record.method][name].append(curve)
    return found


def _draw_curve(panel: Any, curves: Curves, name: str, colour: str, label: str) -> None:
    epochs = curves["epoch"][0]
    points = list(zip(*curves[name], strict=True))
    panel.plot(epochs, [fmean(point) for point in points], color=colour, label=label)
    ends = [[of(point) for point in points] for of in (min, max)]
    panel.fill_between(epochs, *ends, color=colour, alpha=0.12, lw=0)


def _ends(curves: Curves) -> dict[str, float]:
    return {label: round(fmean(curve[-1] for curve in curves[name]), 3) for name, label in PANELS.items()}
