"""The figures of rfs_good_embedding from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from common.records.pictures import encode
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]


def line(step: str, method: str, value: float, seed: int, **condition: str | int | float) -> Line:
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


def test_accuracy_is_drawn_against_strength() -> None:
    cells: list[tuple[str, float | str, float, int]] = [
        ("raw", 0.1, 30, 0),
        ("raw", 0.1, 34, 1),
        ("raw", 1.0, 40, 0),
        ("unit", 1.0, 50, 0),
        ("unit", "chosen", 60, 0),
    ]
    lines = [
        line("regularisation", "any", value, seed, shots=5, features=features, strength=strength)
        for features, strength, value, seed in cells
    ]
    canvas = Canvas()
    rows = load_figure(ROOT, "rfs_good_embedding", "strength").draw(lines, canvas)
    assert rows is not None
    drawn = [(row["features"], row["C"], row["accuracy"]) for row in rows]
    assert drawn == [("as they are", 0.1, 32), ("as they are", 1.0, 40), ("of length one", 1.0, 50)]
    assert rows[0]["high"] == pytest.approx(32 + 12.7062 * 2, rel=1e-4)
    assert [panel.get_title() for panel in canvas.axes] == ["5-shot"]


def mapped(embedding: str, seed: int, silhouette: float) -> Line:
    found = line("embedding_map", "tsne", 0, seed, embedding=embedding)
    record = found.record.model_copy(update={"metrics": {"silhouette": silhouette}})
    places = np.arange(12, dtype=np.uint8).reshape(6, 1, 2)
    labels = np.array([0, 0, 1, 1, 2, 2], dtype=np.uint8)[:, None, None]
    pictures = encode({"places": places, "labels": labels}, "record")
    return found.model_copy(update={"record": record, "pictures": pictures})


def test_the_maps_before_and_after_are_those_of_the_first_seed() -> None:
    lines = [mapped("embedding", 1, 0.9), mapped("embedding", 0, 0.1), mapped("generation_2", 0, 0.2)]
    canvas = Canvas()
    rows = load_figure(ROOT, "rfs_good_embedding", "embedding_map").draw(lines, canvas)
    assert rows is not None
    assert [(row["images"], row["silhouette"]) for row in rows] == [(6, 0.1), (6, 0.2)]
    assert [len(panel.collections) for panel in canvas.axes] == [3, 3]


@pytest.mark.parametrize("name", ["strength", "embedding_map"])
def test_no_other_figure_is_drawn_of_nothing(name: str) -> None:
    assert load_figure(ROOT, "rfs_good_embedding", name).draw([], Canvas()) == []
