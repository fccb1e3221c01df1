"""What a record and a cell look like as runs, worked out by hand."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow.utils.validation import path_not_unique, validate_param_and_metric_name

from common.records.pictures import Picture
from common.records.schema import Cost
from common.run_browser.contents import Cell
from common.run_browser.record_runs import cells_of, shown_steps
from common.run_browser.wording import clean, condition_words, flat_params, metric_name
from tests.run_browser.examples import LINES, line


def points(cell: Cell) -> dict[str, float]:
    return {point.name: point.value for point in cell.run.points}


def test_a_name_says_most_in_its_first_words() -> None:
    cell = cells_of(LINES)[0]
    assert cell.run.name == "ent · fog severity 5 · adaptation · toy · quick"
    assert cell.records[1].name == "seed 1 · ent · fog severity 5 · adaptation · toy · quick"


def test_a_condition_in_words() -> None:
    assert condition_words({"split": "test", "ratio": 0.1, "tuned": True}) == "test ratio 0.1 tuned true"


def test_a_cell_shows_mean_and_interval() -> None:
    """10, 11 and 12: mean 11, standard error 1 / sqrt(3), t(2; 0.975) = 4.302653."""
    cell = cells_of(LINES)[0]
    half = 4.302652729696142 / math.sqrt(3)
    assert points(cell) == pytest.approx(
        {"error_percent": 11.0, "error_percent.low": 11 - half, "error_percent.high": 11 + half}
    )
    assert cell.run.params["n"] == "3"


def test_one_seed_has_no_interval() -> None:
    (cell,) = cells_of(LINES[:1])
    assert points(cell) == {"error_percent": 10.0}
    assert cell.run.params["n"] == "1"


def test_a_mean_is_shown_only_of_metrics_that_all_seeds_have() -> None:
    first = line("fog", 0, 1.0, metrics={"loss": 1.0, "error_percent": 4.0})
    second = line("fog", 1, 1.0, metrics={"loss": 2.0})
    (cell,) = cells_of([first, second])
    assert points(cell)["loss"] == 1.5
    assert "error_percent" not in points(cell)


def test_a_cell_shows_the_settings_and_data_that_its_seeds_share() -> None:
    first = line("fog", 0, 1.0, settings={"steps": 1, "rate": 0.1}, data={"cifar10": "a", "mnist": "b"})
    second = line("fog", 1, 1.0, settings={"steps": 1, "rate": 0.2}, data={"cifar10": "a", "mnist": "c"})
    (cell,) = cells_of([first, second])
    assert cell.run.params["settings.steps"] == "1"
    assert "settings.rate" not in cell.run.params
    assert cell.run.datasets == {"cifar10": "a"}


def test_what_was_measured_of_the_cost_are_points() -> None:
    cost = Cost(seconds=2.5, processor_seconds=2.0, threads=1, parts={"unlearning": 1.5}, memory_mib=300)
    (cell,) = cells_of([line("fog", 0, 1.0, cost=cost)])
    (run,) = cell.records
    assert [(point.name, point.value) for point in run.points if point.name.startswith("cost/")] == [
        ("cost/seconds", 2.5),
        ("cost/processor_seconds", 2.0),
        ("cost/unlearning", 1.5),
        ("cost/memory_mib", 300),
    ]


@given(st.integers(0, 20_000))
def test_of_a_long_curve_a_thousand_points_are_shown(length: int) -> None:
    steps = shown_steps(length)
    assert len(steps) == len(set(steps)) == min(length, 1000)
    assert list(steps) == sorted(steps)
    assert length == 0 or (steps[0], steps[-1]) == (0, length - 1)
    gaps = {after - before for before, after in pairwise(steps)}
    assert max(gaps, default=1) - min(gaps, default=1) <= 1


def test_a_point_of_a_long_curve_keeps_its_step() -> None:
    curve = [float(step) for step in range(2500)]
    (cell,) = cells_of([line("fog", 0, 1.0).model_copy(update={"curves": {"loss": curve}})])
    shown = [point for point in cell.records[0].points if point.name == "curves/loss"]
    assert len(shown) == 1000
    assert all(point.value == point.step for point in shown)


def test_pictures_are_no_metrics() -> None:
    picture = {"forgotten": Picture(bytes="AAEC", shape=[1, 1, 3])}
    shown = line("fog", 0, 1.0).model_copy(update={"pictures": picture})
    assert cells_of([shown]) == cells_of([line("fog", 0, 1.0)])


def test_conditions_that_read_alike_are_different_cells() -> None:
    """Both are 'a=1 b=2' as a tag."""
    conditions = [{"a": "1 b=2"}, {"a": "1", "b": "2"}, {"a": 1, "b": 2}, {"a": True, "b": 2}]
    assert len(cells_of(line("fog", 0, 1.0, condition=condition) for condition in conditions)) == 4


def test_the_same_cell_recorded_twice_elsewhere_and_made_here_is_three() -> None:
    here = cells_of(LINES[:1])
    elsewhere = [*cells_of(LINES[:1], "recorded", "first"), *cells_of(LINES[:1], "recorded", "second")]
    assert len({cell.key for cell in here + elsewhere}) == 3
    assert [cell.run.tags["recording"] for cell in elsewhere] == ["first", "second"]


@given(st.text())
def test_any_name_becomes_one_that_mlflow_takes(name: str) -> None:
    """By the two checks that MLflow's own server makes."""
    taken = metric_name(name)
    assert validate_param_and_metric_name(taken)  # type: ignore[no-untyped-call]
    assert not path_not_unique(taken)  # type: ignore[no-untyped-call]
    assert 0 < len(taken) <= 250


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=250))
def test_a_plain_name_is_kept(name: str) -> None:
    assert metric_name(name) == name


@given(st.sets(st.text(max_size=5), min_size=2, max_size=5))
def test_different_names_stay_different(names: set[str]) -> None:
    assert len({metric_name(name) for name in names}) == len(names)


def test_a_long_value_says_that_it_was_cut() -> None:
    (value,) = flat_params("settings", {"long": "x" * 7000}).values()
    assert len(value) == 6000
    assert value.endswith("x … (cut; 7000 characters)")


def test_text_that_no_database_takes_is_shown_otherwise() -> None:
    assert clean("a\0b\ud800c") == "a\N{SYMBOL FOR NULL}b?c"
