"""The figures of the data diet: what they take from the records, by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from matplotlib.figure import Figure

from papers.data_diet.figures import connectivity, early, pruning_curves, windows
from papers.data_diet.figures._curves import rows_of


def line(step: str, method: str, condition: dict[str, float], **metrics: float) -> Any:
    return SimpleNamespace(
        record=SimpleNamespace(step=step, method=method, condition=condition, metrics=metrics)
    )


LINES = [
    *(line("pruning", "el2n", {"kept": 0.5}, accuracy=value) for value in (80.0, 82.0)),
    line("pruning", "el2n", {"kept": 0.2}, accuracy=70.0),
    line("pruning", "random", {"kept": 1.0}, accuracy=85.0),
    line("windows", "el2n", {"kept": 0.4, "offset": 0.6}, accuracy=75.0),
]


def test_means_ascend_with_the_condition_and_other_methods_are_left_out() -> None:
    rows = rows_of(LINES, "EL2N", "pruning", "el2n", "kept")
    assert [(row["kept"], row["mean"]) for row in rows] == [(0.2, 70.0), (0.5, 81.0)]
    assert rows[0]["low"] is None
    assert float(rows[1]["low"] or 0) < 80


def test_figures_draw_what_there_is_and_nothing_where_there_is_none() -> None:
    assert len(pruning_curves.draw(LINES, Figure())) == 3
    assert [row["offset"] for row in windows.draw(LINES, Figure())] == [0.6]
    assert early.draw([], Figure()) == []
    assert connectivity.draw([], Figure()) == []
