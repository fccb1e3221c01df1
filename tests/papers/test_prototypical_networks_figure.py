"""The figure of Omniglot's table: what it takes from the records, by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from papers.prototypical_networks.figures.ways_and_shots import LEARNERS, row_of


def line(accuracy: float, step: str = "matched_tasks", ways: int = 5) -> Any:
    condition = {"ways": ways, "shots": 1, "features": "raw"}
    method = "prototypical_network"
    record = SimpleNamespace(step=step, method=method, condition=condition, metrics={"accuracy": accuracy})
    return SimpleNamespace(record=record)


def test_the_error_is_what_is_left_of_a_hundred() -> None:
    collected = [line(90.0), line(94.0), line(10.0, step="few_way_tasks"), line(50.0, ways=20)]
    row = row_of(collected, "ProtoNet", 5, 1)
    assert row is not None
    assert row["error"] == pytest.approx(8.0)
    assert float(row["low"] or 0) < 6 < 10 < float(row["high"] or 0)
    assert row_of(collected, "ProtoNet, 5-way training", 5, 1) == {
        "learner": "ProtoNet, 5-way training",
        "ways": 5,
        "shots": 1,
        "error": 90.0,
        "low": None,
        "high": None,
    }


def test_who_was_not_run_has_no_row() -> None:
    assert all(row_of([], label, 5, 1) is None for label in LEARNERS)
