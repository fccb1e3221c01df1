"""The figures of tabular_ncd from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from papers.tabular_ncd.figures.confusion import shares
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]


def line(
    step: str,
    method: str,
    condition: dict[str, Any],
    curves: dict[str, list[float]],
    seed: int = 0,
    **metrics: float,
) -> Line:
    changes = {
        "step": step,
        "method": method,
        "seed": seed,
        "condition": condition,
        "metrics": metrics,
        "protocol": {"novel_classes": 2},
    }
    return Line(
        path=f"{step}/{method}/{seed}/{condition}", record=TEMPLATE.model_copy(update=changes), curves=curves
    )


def draw(name: str, lines: list[Line]) -> tuple[Any, Canvas]:
    canvas = Canvas()
    return load_figure(ROOT, "tabular_ncd", name).draw(lines, canvas), canvas


def test_estimates_are_points_beside_the_true_number() -> None:
    cell = {"dataset": "pendigits", "classes": "estimated"}
    lines = [line("untuned", "k_means", cell, {}, seed, estimated_classes=4 + seed) for seed in (0, 1)]
    oracle = {**cell, "chosen_on": "novel_classes"}
    lines.append(line("discovery", "pbn", oracle, {}, estimated_classes=9))
    rows, canvas = draw("class_counts", lines)
    shown = [(row["space"], row["estimated"], row["true"]) for row in rows]
    assert shown == [("features", 4, 2), ("features", 5, 2)]
    assert len(canvas.axes) == 1


def test_confusions_are_in_percent_of_the_class() -> None:
    assert shares([3, 1, 0, 0, 2, 2]) == [[75, 25, 0], [0, 50, 50]]
    cell = {"dataset": "digits", "classes": "known"}
    rows, canvas = draw("confusion", [line("untuned", "k_means", cell, {"confusion": [3, 1, 0, 0, 2, 2]})])
    assert [row["right_percent"] for row in rows] == [75, 50]
    assert len(canvas.axes) == 2


def test_latents_have_a_panel_for_each_moment() -> None:
    curves = {"class": [0.0, 1.0], "novel": [0.0, 1.0]}
    curves |= {f"{axis}_{step}": [0.0, 1.0] for axis in "xy" for step in (0, 20, 100)}
    purities = {"same_neighbour_0": 50, "same_neighbour_20": 70, "same_neighbour_100": 90}
    rows, canvas = draw("latent_space", [line("latent_maps", "pbn", {}, curves, **purities)])
    assert [row["steps"] for row in rows] == [0, 20, 100]
    assert [row["same_class_neighbour_percent"] for row in rows] == [50, 70, 90]
    assert len(canvas.axes) == 3


@pytest.mark.parametrize("name", ["class_counts", "confusion", "latent_space"])
def test_figures_without_records_are_empty(name: str) -> None:
    rows, canvas = draw(name, [])
    assert rows == []
    assert canvas.axes == []
