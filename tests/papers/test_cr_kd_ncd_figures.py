"""The figures of cr_kd_ncd from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]
CURVES = {
    "epoch": [0.0, 1.0],
    "relation_divergence": [0.0, 0.2],
    "relation_kept": [100.0, 40.0],
    "unlabelled_accuracy": [20.0, 60.0],
    "latent_class": [0.0, 1.0, 1.0],
    "latent_start": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
    "latent_middle": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    "latent_end": [5.0, 4.0, 3.0, 2.0, 1.0, 0.0],
}


def line(method: str, curves: dict[str, list[float]], seed: int = 0, step: str = "discovery_fashion") -> Line:
    changes = {"step": step, "method": method, "seed": seed, "condition": {}}
    record = TEMPLATE.model_copy(update={**changes, "protocol": {"known_classes": 1}})
    return Line(path=f"{step}/{method}/{seed}", record=record, curves=curves, pictures=None)


def test_the_relation_s_last_points_are_means_over_seeds() -> None:
    other = {**CURVES, "relation_kept": [100.0, 60.0]}
    canvas: Any = Canvas()
    figure = load_figure(ROOT, "cr_kd_ncd", "relation_over_training")
    rows = figure.draw([line("uno", CURVES), line("uno", other, seed=1), line("cr_kd", CURVES)], canvas)
    assert rows is not None
    assert [row["method"] for row in rows] == ["UNO", "CR-KD"]
    assert rows[0]["relation kept, %"] == 50
    assert rows[1]["relation kept, %"] == 40
    middle = canvas.axes[1].lines[0]
    assert list(map(float, middle.get_ydata())) == [100, 50]


def test_each_data_set_has_a_row_of_panels() -> None:
    canvas: Any = Canvas()
    lines = [line("uno", CURVES), line("uno", CURVES, step="discovery_cifar10")]
    load_figure(ROOT, "cr_kd_ncd", "relation_over_training").draw(lines, canvas)
    assert [axes.get_title(loc="left") or axes.get_title() for axes in canvas.axes][::3] == [
        "Fashion-MNIST",
        "CIFAR-10",
    ]


def test_points_of_the_latent_space_are_drawn_by_class() -> None:
    canvas: Any = Canvas()
    load_figure(ROOT, "cr_kd_ncd", "latent_space").draw([line("cr_kd", CURVES)], canvas)
    assert len(canvas.axes) == 3
    known, novel = canvas.axes[0].collections
    assert known.get_offsets().tolist() == [[0, 1]]
    assert novel.get_offsets().tolist() == [[2, 3], [4, 5]]


def test_confusion_is_in_percent_of_each_class() -> None:
    curves = {"classes": [9.0, 0.0], "confusion": [3.0, 1.0, 0.0, 0.0, 1.0, 1.0]}
    later = {"classes": [1.0, 0.0], "confusion": [0.0] * 6}
    canvas: Any = Canvas()
    rows = load_figure(ROOT, "cr_kd_ncd", "confusion").draw(
        [line("uno", later, seed=1), line("uno", curves)], canvas
    )
    assert rows == [
        {"method": "UNO", "class": "ankle boot", "known": True, "right": 75.0},
        {"method": "UNO", "class": "T-shirt", "known": False, "right": 50.0},
    ]
    assert canvas.axes[0].images[0].get_array().tolist() == [[75, 25], [0, 50]]


def test_nothing_is_drawn_of_nothing() -> None:
    assert load_figure(ROOT, "cr_kd_ncd", "relation_over_training").draw([], Canvas()) == []
    assert load_figure(ROOT, "cr_kd_ncd", "confusion").draw([], Canvas()) == []
    canvas: Any = Canvas()
    load_figure(ROOT, "cr_kd_ncd", "latent_space").draw([], canvas)
    assert not canvas.axes
