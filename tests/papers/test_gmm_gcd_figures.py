"""The figures of gmm_gcd from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from papers.gmm_gcd.figures.confusion import mean_confusion
from papers.gmm_gcd.figures.latent_space import epochs
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]
JOINT = {"dataset": "fashion_mnist", "start": 8}


def line(
    step: str,
    method: str,
    seed: int,
    condition: dict[str, Any],
    curves: dict[str, list[float]] | None = None,
    **metrics: float,
) -> Line:
    changes = {"step": step, "method": method, "seed": seed, "condition": condition, "metrics": metrics}
    record = TEMPLATE.model_copy(update=changes)
    return Line(path=f"{step}/{method}/{seed}/{condition}", record=record, curves=curves)


def draw(name: str, lines: list[Line]) -> tuple[Any, Canvas]:
    canvas = Canvas()
    return load_figure(ROOT, "gmm_gcd", name).draw(lines, canvas), canvas


def test_estimated_numbers_are_means_over_seeds() -> None:
    lines = [
        line(
            "simulation", "gpc", seed, {"separation": 10, "start": start}, estimated_classes=start / 2 + seed
        )
        for seed in (0, 2)
        for start in (6, 20)
    ]
    lines.append(line("simulation", "elbow", 0, {"separation": 10, "start": 0}, estimated_classes=9))
    lines.append(line("joint", "gpc", 0, JOINT, estimated_classes=8))
    rows, canvas = draw("estimated_numbers", lines)
    assert [(row["start"], row["clusters"]) for row in rows] == [(6, 4), (20, 11), (8, 8)]
    assert [axes.get_title(loc="left") or axes.get_title() for axes in canvas.axes][-1] == "Fashion-MNIST"


def test_images_are_drawn_at_each_moment() -> None:
    curves = {
        "class": [0.0, 1.0],
        "x_10": [0.0, 1.0],
        "y_10": [0.0, 1.0],
        "x_1": [1.0, 2.0],
        "y_1": [1.0, 2.0],
    }
    assert epochs(curves) == [1, 10]
    _, canvas = draw("latent_space", [line("joint", "gpc", 0, JOINT, curves)])
    assert len(canvas.axes) == 2


def test_the_diagonal_is_told_of_old_and_new_classes() -> None:
    matrices = [[100.0, 0.0, 0.0, 50.0, 20.0, 30.0], [50.0, 50.0, 0.0, 0.0, 40.0, 60.0]]
    lines = [line("joint", "gpc", seed, JOINT, {"confusion": matrix}) for seed, matrix in enumerate(matrices)]
    assert mean_confusion(lines, "fashion_mnist") == [[75.0, 25.0, 0.0], [25.0, 30.0, 45.0]]
    rows, _ = draw("confusion", lines)
    assert rows == [{"data set": "Fashion-MNIST", "old": 75.0, "new": 30.0}]


@pytest.mark.parametrize("name", ["estimated_numbers", "latent_space", "confusion"])
def test_figures_without_records_are_empty(name: str) -> None:
    rows, canvas = draw(name, [])
    assert not rows
    assert canvas.axes == []
