"""The figures of osr_closed_set from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]


def line(
    step: str,
    metrics: dict[str, float],
    curves: dict[str, list[float]] | None = None,
    seed: int = 0,
    **condition: str,
) -> Line:
    changes = {"step": step, "method": "cross_entropy", "seed": seed, "condition": condition}
    record = TEMPLATE.model_copy(update={**changes, "metrics": metrics})
    return Line(path=f"{step}/{seed}/{condition}", record=record, curves=curves, pictures=None)


def point(accuracy: float, auroc: float, network: str, seed: int = 0) -> Line:
    metrics = {"closed_accuracy": accuracy, "auroc": auroc}
    return line("mnist", metrics, seed=seed, network=network, score="mls")


def test_the_line_is_fitted_to_trained_networks() -> None:
    points = [
        point(80, 70, "plain"),
        point(90, 80, "strong", 1),
        point(85, 75, "brief"),
        point(10, 90, "untrained"),
    ]
    found = {"pearson": 1.0, "pearson_low": 0.9, "pearson_high": 1.0}
    points.append(line("pooled_mnist", found, score="mls", points="all"))
    canvas = Canvas()
    rows = load_figure(ROOT, "osr_closed_set", "accuracy_and_auroc").draw(points, canvas)
    assert rows is not None
    (row,) = rows
    assert (row["data_set"], row["networks"], row["pearson"]) == ("MNIST", 3, 1.0)
    assert [row["slope"], row["intercept"]] == pytest.approx([1.0, -10.0])
    assert len(canvas.axes[0].lines) == 4


def test_histograms_are_those_of_the_first_split() -> None:
    curves = {"bin_edges": [0.0, 1.0, 2.0], "known_share": [0.2, 0.8], "unknown_share": [0.6, 0.4]}
    lines = [
        line("cifar10", {}, curves, network="strong", score="mls"),
        line("cifar10", {}, curves, seed=1, network="strong", score="msp"),
    ]
    canvas = Canvas()
    load_figure(ROOT, "osr_closed_set", "score_histograms").draw(lines, canvas)
    assert [len(panel.patches) for panel in canvas.axes] == [0, 0, 0, 0, 0, 2]


def test_nothing_is_drawn_of_nothing() -> None:
    assert load_figure(ROOT, "osr_closed_set", "accuracy_and_auroc").draw([], Canvas()) == []
    assert load_figure(ROOT, "osr_closed_set", "score_histograms").draw([], Canvas()) is None
