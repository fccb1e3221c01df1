"""The figures of hyperspherical_embedding from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]
PAPER = "hyperspherical_embedding"


def line(step: str, method: str, value: float, seed: int, **condition: Any) -> Line:
    metrics = dict.fromkeys(
        ("old_accuracy", "disjoint_accuracy", "joint_old", "joint_new", "joint_harmonic"), value
    )
    changes = {"step": step, "method": method, "seed": seed, "condition": condition, "metrics": metrics}
    return Line(path=f"{step}/{method}/{seed}", record=TEMPLATE.model_copy(update=changes), curves=None)


def test_each_objective_has_the_mean_and_interval_of_its_seeds() -> None:
    lines = [
        line("fashion_mnist", "triplet", 30, 0, old=5, samples=1, rule="cosine"),
        line("fashion_mnist", "triplet", 34, 1, old=5, samples=1, rule="cosine"),
        line("fashion_mnist", "normalised_softmax", 50, 0, old=5, samples="all", rule="columns"),
        line("fashion_mnist", "normalised_softmax", 70, 0, old=8, samples="all", rule="columns"),
    ]
    canvas = Canvas()
    rows = load_figure(ROOT, PAPER, "accuracy_by_samples").draw(lines, canvas)
    assert rows is not None
    (one, triplet, *_) = rows
    assert (one["objective"], one["samples"], one["mean"], one["low"]) == (
        "normalised softmax",
        "all",
        50,
        None,
    )
    assert (triplet["objective"], triplet["samples"], triplet["mean"]) == ("triplet", "1", 32)
    assert triplet["high"] == pytest.approx(32 + 12.7062 * 2, rel=1e-4)
    assert len(rows) == 4  # two metrics of two objectives
    assert len(canvas.axes) == 4


def test_scales_stand_in_order_under_each_rule() -> None:
    lines = [
        line("scales", "normalised_softmax", 10 * scale, 0, old=5, scale=scale, samples="all", rule=rule)
        for scale in (3, 1)
        for rule in ("columns", "cosine")
    ]
    rows = load_figure(ROOT, PAPER, "accuracy_by_scale").draw(lines, Canvas())
    assert rows is not None
    assert [(row["scale"], row["mean"]) for row in rows[:2]] == [(1, 10), (3, 30)]
    assert len(rows) == 2 * 2 * 5


@pytest.mark.parametrize("name", ["accuracy_by_samples", "accuracy_by_scale"])
def test_nothing_is_drawn_of_nothing(name: str) -> None:
    assert load_figure(ROOT, PAPER, name).draw([], Canvas()) == []
