"""The geometry and the words of the small pictures of curves."""

from __future__ import annotations

import math

from common.pages.site.curve_plot import HEIGHT, MOST_POINTS, WIDTH, plot_curves
from common.records.collected import Line
from tests.pages.example import make_record


def run(seed: int, corruption: str = "fog", **curves: list[float]) -> Line:
    record = make_record(seed=seed, condition={"corruption": corruption})
    return Line(path=f"records/{seed}/{corruption}.json", record=record, curves=curves or None)


def test_one_line_per_seed_over_the_whole_area() -> None:
    [plot] = plot_curves([run(0, loss=[2.0, 1.0, 0.0]), run(1, loss=[1.0, 1.0, 1.0])])
    half = f"{WIDTH // 2} {HEIGHT // 2}"
    assert plot.paths == [
        f"M0 0h0L{half}L{WIDTH} {HEIGHT}",
        f"M0 {HEIGHT // 2}h0L{half}L{WIDTH} {HEIGHT // 2}",
    ]
    assert (plot.name, plot.last, plot.bucket, plot.low, plot.high) == ("loss", 3, 1, "0", "2")
    words = "2 lines, one per seed, over 3 steps, from 1.5 at the first to 0.5 at the last, between 0 and 2"
    assert plot.in_words == words


def test_conditions_of_a_seed_are_averaged() -> None:
    [plot] = plot_curves([run(0, "fog", loss=[4.0, 1.0]), run(0, "snow", loss=[2.0, 1.0])])
    assert (plot.low, plot.high, len(plot.paths)) == ("1", "3", 1)


def test_a_curve_that_ends_early_counts_as_far_as_it_goes() -> None:
    [plot] = plot_curves([run(0, "fog", loss=[4.0, 1.0]), run(0, "snow", loss=[2.0]), run(1, loss=[3.0])])
    assert plot.paths == [f"M0 0h0L{WIDTH} {HEIGHT}", "M0 0h0"]


def test_what_is_not_a_number_breaks_the_line() -> None:
    [plot] = plot_curves([run(0, loss=[1.0, math.nan, 0.0, math.inf])])
    assert plot.paths == [f"M0 0h0M{2 * WIDTH // 3} {HEIGHT}h0"]
    assert plot.in_words.endswith(
        "1 at the first to no number at the last, between 0 and 1; 2 values are not numbers"
    )


def test_a_long_curve_is_averaged_to_few_points() -> None:
    [plot] = plot_curves([run(0, loss=[float(step) for step in range(10 * MOST_POINTS)])])
    assert plot.paths[0].count("L") == MOST_POINTS - 1
    assert (plot.last, plot.bucket, plot.low, plot.high) == (10 * MOST_POINTS, 10, "4.5", "594")


def test_a_level_curve_and_a_single_value_can_be_drawn() -> None:
    [level, single] = plot_curves([run(0, level=[1.0, 1.0], single=[-2.0])])
    assert level.paths == [f"M0 {HEIGHT // 2}h0L{WIDTH} {HEIGHT // 2}"]
    assert single.paths == [f"M0 {HEIGHT // 2}h0"]
    assert single.low == "\N{MINUS SIGN}2"


def test_no_numbers_no_picture() -> None:
    assert plot_curves([run(0), run(1, loss=[math.nan]), run(2, empty=[])]) == []
