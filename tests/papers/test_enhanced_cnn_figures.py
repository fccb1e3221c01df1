"""The figures of `enhanced_cnn`: what they take from the records, by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from matplotlib.figure import Figure

from papers.enhanced_cnn.figures import enhancements, learning_curves, pareto_front


def line(step: str, network: str, accuracy: float, seed: int = 0, curve: list[float] | None = None) -> Any:
    metrics = {"accuracy": accuracy, "multiply_adds": 100.0, "parameters": 10.0}
    record = SimpleNamespace(step=step, condition={"network": network}, metrics=metrics, seed=seed)
    return SimpleNamespace(record=record, curves={"training_loss": curve} if curve else None)


def test_differences_are_of_the_seeds_that_both_have() -> None:
    lines = [line("comparison", "enhanced", value, seed) for seed, value in enumerate((40.0, 42.0, 90.0))]
    lines += [line("comparison", "no_dropout", value, seed) for seed, value in enumerate((43.0, 43.0))]
    (row,) = enhancements.rows_of(lines)
    assert (row["missing"], row["difference"]) == ("dropout", 2.0)
    assert float(row["low"] or 0) < 1 < 3 < float(row["high"] or 0)


def test_each_kind_of_training_has_its_own_difference() -> None:
    lines = [
        line(step, name, value)
        for step, own, theirs in (("comparison", 40.0, 41.0), ("longer_training", 50.0, 48.0))
        for name, value in (("enhanced", own), ("no_dropout", theirs))
    ]
    rows = enhancements.rows_of(lines)
    assert [row["difference"] for row in rows] == [1.0, -2.0]
    assert [row["missing"] for row in rows] == ["dropout", "dropout, 4 times the epochs"]
    assert [row["low"] for row in rows] == [None, None]


def test_curves_are_of_one_step_and_network() -> None:
    lines = [
        line("comparison", "enhanced", 0.0, 0, [2.0, 1.0]),
        line("comparison", "enhanced", 0.0, 1, [4.0, 3.0]),
        line("longer_training", "enhanced", 0.0, 0, [9.0]),
    ]
    curves = learning_curves.losses(lines, "comparison", "enhanced")
    rows = learning_curves.rows_of("comparison", "enhanced CNN", curves)
    assert [(row["epoch"], row["loss"]) for row in rows] == [(1, 3.0), (2, 2.0)]
    assert learning_curves.losses(lines, "comparison", "resnet") == []


def test_costs_and_means_of_the_comparison_alone() -> None:
    lines = [line("comparison", "enhanced", value) for value in (40.0, 42.0)]
    lines += [line("longer_training", "enhanced", 1.0)]
    (row,) = pareto_front.rows_of([each.record for each in lines])
    assert (row["network"], row["accuracy"], row["parameters"]) == ("enhanced CNN", 41.0, 10.0)


def test_figures_without_records_are_empty() -> None:
    for drawing in (enhancements, learning_curves, pareto_front):
        assert drawing.draw([], Figure()) == []
