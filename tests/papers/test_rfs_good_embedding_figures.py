"""The figure of rfs_good_embedding from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]


def line(step: str, method: str, value: float, seed: int, **condition: str | int) -> Line:
    changes = {"step": step, "method": method, "seed": seed, "condition": condition}
    record = TEMPLATE.model_copy(update={**changes, "metrics": {"accuracy": value}})
    return Line(path=f"{step}/{method}/{seed}", record=record, curves=None, pictures=None)


def test_each_learner_has_the_mean_and_interval_of_its_seeds() -> None:
    lines = [
        line("gradient_meta_learning", "maml", 30, 0, shots=1),
        line("gradient_meta_learning", "maml", 34, 1, shots=1),
        line("evaluation", "logistic_regression", 50, 0, shots=5, features="unit", copies=5),
        line("evaluation", "logistic_regression", 90, 0, shots=5, features="raw", copies=0),
    ]
    canvas = Canvas()
    rows = load_figure(ROOT, "rfs_good_embedding", "accuracy_by_shots").draw(lines, canvas)
    assert rows is not None
    regression, maml = rows
    assert (regression["learner"], regression["accuracy"], regression["low"]) == ("RFS-simple", 50, None)
    assert (maml["learner"], maml["shots"], maml["accuracy"]) == ("MAML", 1, 32)
    assert maml["high"] == pytest.approx(32 + 12.7062 * 2, rel=1e-4)
    assert len(canvas.axes[0].containers) == 2


def test_nothing_is_drawn_of_nothing() -> None:
    assert load_figure(ROOT, "rfs_good_embedding", "accuracy_by_shots").draw([], Canvas()) == []
