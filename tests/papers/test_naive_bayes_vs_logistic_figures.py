"""The figures of naive_bayes_vs_logistic from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from papers.naive_bayes_vs_logistic.figures.sample_complexity import slope
from papers.naive_bayes_vs_logistic.figures.two_regimes import crossing_of
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]


def line(step: str, method: str, seed: int, condition: dict[str, Any], **metrics: float) -> Line:
    changes = {"step": step, "method": method, "seed": seed, "condition": condition, "metrics": metrics}
    return Line(
        path=f"{step}/{method}/{seed}/{condition}", record=TEMPLATE.model_copy(update=changes), curves=None
    )


def draw(name: str, lines: list[Line]) -> tuple[Any, Canvas]:
    canvas = Canvas()
    return load_figure(ROOT, "naive_bayes_vs_logistic", name).draw(lines, canvas), canvas


def test_needs_are_means_over_seeds_with_their_slope() -> None:
    lines = [
        line(
            "simulation",
            "logistic_regression",
            seed,
            {"covariance": "easy", "classes": 2, "features": features},
            samples_needed=features + seed,
        )
        for features in (100, 200)
        for seed in (0, 2)
    ]
    rows, canvas = draw("sample_complexity", lines)
    assert [(row["features"], row["samples_needed"]) for row in rows] == [(100, 101), (200, 201)]
    legend = canvas.axes[0].get_legend()
    assert legend is not None
    (text,) = legend.get_texts()
    assert text.get_text() == "logistic regression, a = 0.99"
    assert slope({100: [10], 1000: [100, 100]}) == pytest.approx(1)


def test_the_crossing_lies_between_the_sizes_where_the_order_changes() -> None:
    naive_bayes = {10.0: [30.0], 100.0: [30.0], 1000.0: [30.0]}
    logistic = {10.0: [50.0], 100.0: [40.0], 1000.0: [20.0]}
    assert crossing_of(naive_bayes, logistic) == pytest.approx(10**2.5)
    assert crossing_of(logistic, naive_bayes) is None
    assert crossing_of({}, {}) is None


def test_crossings_are_published_beside_the_picture() -> None:
    errors = {"naive_bayes": (30.0, 30.0), "logistic_regression": (40.0, 20.0)}
    lines = [
        line("probes", method, 0, {"features": "pixels", "samples": samples}, error_percent=error)
        for method, pair in errors.items()
        for samples, error in zip((100, 10_000), pair, strict=True)
    ]
    rows, canvas = draw("two_regimes", lines)
    assert rows == [{"features": "pixels", "crossing": 1000}]
    assert len(canvas.axes) == 1


@pytest.mark.parametrize("name", ["sample_complexity", "two_regimes"])
def test_figures_without_records_are_empty(name: str) -> None:
    rows, canvas = draw(name, [])
    assert rows == []
    assert canvas.axes == []
