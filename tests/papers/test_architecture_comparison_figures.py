"""The figures of the track's papers: what they take from the records, by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from papers.dhvt.figures import learning_curves, pareto_front
from papers.patch_scaling.figures import patch_sizes
from papers.polyphase_anchoring.figures import consistency


def line(step: str, network: str, metrics: dict[str, float], curve: list[float] | None = None) -> Any:
    record = SimpleNamespace(step=step, condition={"network": network}, metrics=metrics)
    return SimpleNamespace(record=record, curves={"training_loss": curve} if curve else None)


def test_the_front_is_of_what_nobody_beats_in_both() -> None:
    points = [(1.0, 30.0), (2.0, 25.0), (2.0, 35.0), (3.0, 35.0), (4.0, 40.0)]
    assert pareto_front.front(points) == [(1.0, 30.0), (2.0, 35.0), (4.0, 40.0)]
    assert pareto_front.front([]) == []


def test_costs_and_means_of_the_comparison_alone() -> None:
    costs = {"multiply_adds": 100.0, "parameters": 10.0}
    lines = [line("comparison", "dhvt", {"accuracy": value} | costs) for value in (40.0, 42.0)]
    lines += [line("tuning", "dhvt", {"accuracy": 1.0} | costs)]
    (row,) = pareto_front.rows_of([each.record for each in lines])
    assert (row["network"], row["accuracy"], row["parameters"]) == ("dhvt", 41.0, 10.0)
    assert float(row["low"] or 0) < 40 < 42 < float(row["high"] or 0)


def test_curves_have_a_row_for_each_epoch() -> None:
    lines = [line("comparison", "dhvt", {}, [2.0, 1.0]), line("comparison", "dhvt", {}, [4.0, 3.0])]
    rows = learning_curves.rows_of("DHVT", learning_curves.losses(lines, "dhvt"))
    assert [(row["epoch"], row["loss"]) for row in rows] == [(1, 3.0), (2, 2.0)]
    assert learning_curves.losses(lines, "resnet") == []


def test_patches_run_from_the_largest_to_the_smallest() -> None:
    lines = [line("small_images", f"patch_{side}", {"accuracy": 10.0 * side}) for side in (1, 4, 2)]
    rows = patch_sizes.rows_of(lines, "small_images", "small")
    assert [(row["patch"], row["accuracy"], row["low"]) for row in rows] == [
        (4, 40.0, None),
        (2, 20.0, None),
        (1, 10.0, None),
    ]


def test_consistency_is_shown_in_the_order_of_the_table() -> None:
    lines = [line("shifts", name, {"consistency": value}) for name, value in (("twins", 1.0), ("vit", 2.0))]
    rows = consistency.rows_of(lines, "consistency", "circular")
    assert [(row["network"], row["mean"]) for row in rows] == [("ViT, class token", 2.0), ("Twins", 1.0)]
