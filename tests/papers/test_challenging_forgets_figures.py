"""The figures of challenging_forgets from records whose numbers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure as Canvas

from common.pages.figures.module import load_figure
from common.records.collected import Line
from common.records.pictures import encode
from tests.claims.builders import TEMPLATE

ROOT = Path(__file__).parents[2]


def line(step: str, method: str, seed: int = 0, **changes: Any) -> Line:
    """One collected record; `metrics`, `condition`, `curves` and `pictures` may be given."""
    pictures = encode(changes.pop("pictures"), "test") if "pictures" in changes else None
    curves = changes.pop("curves", None)
    record = TEMPLATE.model_copy(
        update={
            "step": step,
            "method": method,
            "seed": seed,
            "pictures": "0" * 64 if pictures else None,
            **changes,
        }
    )
    return Line(path=f"{step}/{method}/{seed}", record=record, curves=curves, pictures=pictures)


def gap(
    method: str, forget_set: str, value: float, seed: int = 0, step: str = "unlearning", ratio: float = 0.1
) -> Line:
    condition = {"forget_set": forget_set, "ratio": ratio}
    return line(step, method, seed, condition=condition, metrics={"average_gap": value})


def draw(name: str, lines: list[Line]) -> tuple[Any, Canvas]:
    canvas = Canvas()
    return load_figure(ROOT, "challenging_forgets", name).draw(lines, canvas), canvas


def test_average_gaps_are_means_over_seeds_of_methods_that_have_both() -> None:
    lines = [
        gap("rl", "random", 2, 0),
        gap("rl", "random", 4, 1),
        gap("rl", "worst", 20, 0),
        gap("ft", "random", 1),
    ]
    lines.append(gap("retrain_again", "random", 0.5, step="references"))
    lines.append(gap("rl", "random", 99, step="retuned"))
    rows, canvas = draw("average_gaps", lines)
    assert rows == [{"method": "RL", "random": 3, "worst_case": 20}]
    assert [label.get_text() for label in canvas.axes[0].get_yticklabels()] == ["RL"]


def test_gaps_by_ratio_join_the_main_step_and_the_sweep() -> None:
    lines = [gap("ft", "worst", 3), gap("ft", "worst", 5, step="unlearning_ratios", ratio=0.2)]
    rows, _ = draw("gap_by_ratio", lines)
    assert [(row["ratio"], row["average_gap"]) for row in rows] == [(0.1, 3), (0.2, 5)]
    assert {row["forget_set"] for row in rows} == {"worst"}


def test_distributions_are_drawn_as_the_quantiles_have_them() -> None:
    curve = {"entropy": [float(at) for at in range(101)]}
    condition = {"forget_set": "worst", "ratio": 0.1}
    _, canvas = draw("difficulty", [line("difficulty", "scores", condition=condition, curves=curve)])
    (drawn,) = canvas.axes[0].lines
    assert np.allclose(drawn.get_xdata(), np.arange(101))
    assert np.allclose(drawn.get_ydata(), np.arange(101))


@pytest.mark.parametrize("colours", [(), (3,)])
def test_images_are_shown_as_they_are_recorded(colours: tuple[int, ...]) -> None:
    members = np.arange(12 * 4, dtype=np.uint8).reshape(12, 2, 2)
    images = np.repeat(members[..., None], 3, axis=3) if colours else members
    lines = [
        line(
            "difficulty",
            "scores",
            seed,
            condition={"forget_set": kind, "ratio": 0.1},
            pictures={"members": images},
        )
        for kind in ("worst", "random")
        for seed in (1, 0)
    ]
    _, canvas = draw("hardest_images", lines)
    shown = np.asarray(canvas.axes[0].images[0].get_array())
    assert shown.shape == (3 * 2, 4 * 2, *colours)
    assert np.array_equal(shown[:2, 2:4], images[1])
