"""CAFA's figures: what they take from the records, by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import pytest

mpl.use("Agg")

from matplotlib.figure import Figure

from papers.cafa.figures import batch_sizes, continual, distances, heat_map, streams


def line(step: str, method: str, error: float = 0.0, curves: Any = None, **condition: Any) -> Any:
    given = {"split": "test", "corruption": "fog", "stream": "reset", "batch_size": 50} | condition
    record = SimpleNamespace(step=step, method=method, condition=given, metrics={"error_percent": error})
    return SimpleNamespace(record=record, curves=curves)


def test_the_heat_map_has_means_over_seeds_in_the_order_of_the_table() -> None:
    collected = [
        line("online", "cafa", 30.0),
        line("online", "cafa", 34.0),
        line("online", "source", 50.0),
        line("online", "source", 70.0, corruption="gaussian_noise"),
        line("online", "cafa", 90.0, split="development"),
        line("streams", "cafa", 90.0),
    ]
    assert heat_map.draw(collected, Figure()) == [
        {"method": "source", "corruption": "gaussian_noise", "error_percent": 70.0},
        {"method": "source", "corruption": "fog", "error_percent": 50.0},
        {"method": "cafa", "corruption": "fog", "error_percent": 32.0},
    ]


def test_a_continual_stream_is_drawn_corruption_after_corruption() -> None:
    collected = [
        line("streams", "tent", stream="continual", corruption=name, curves={"error_percent": errors})
        for name, errors in [("snow", [5.0, 7.0]), ("gaussian_noise", [1.0, 3.0]), ("snow", [7.0, 9.0])]
    ]
    rows = continual.draw([*collected, line("streams", "tent", curves={"error_percent": [99.0]})], Figure())
    found = [(row["corruption"], row["part"], row["error_percent"]) for row in rows]
    assert found == [
        ("gaussian_noise", 0, 1.0),
        ("gaussian_noise", 1, 3.0),
        ("snow", 0, 6.0),
        ("snow", 1, 8.0),
    ]


def test_batch_sizes_tell_streams_apart() -> None:
    collected = [
        line("streams", "tent", 20.0, batch_size=200),
        line("streams", "tent", 60.0, batch_size=5),
        line("streams", "tent", 40.0, batch_size=5, corruption="snow"),
        line("streams", "tent", 80.0, batch_size=5, stream="continual"),
        line("streams", "tent", 99.0, batch_size=5, stream="mixed"),
    ]
    rows = batch_sizes.draw(collected, Figure())
    assert [(row["stream"], row["batch_size"], row["error_percent"]) for row in rows] == [
        ("reset", 5, 50.0),
        ("reset", 200, 20.0),
        ("continual", 5, 80.0),
    ]


def test_every_stream_of_full_scale_has_a_place_in_the_figure() -> None:
    names = ("mixed", "gradual", "correlated", "continual", "reset")
    collected = [
        line("streams", "cotta", 10.0 * place, stream=name) for place, name in enumerate(names, start=1)
    ]
    rows = streams.draw([*collected, line("online", "cotta", 99.0)], Figure())
    assert [(row["stream"], row["error_percent"]) for row in rows if row["method"] == "cotta"] == [
        ("reset", 50.0),
        ("continual", 40.0),
        ("gradual", 20.0),
        ("mixed", 10.0),
        ("correlated", 30.0),
    ]


def test_distances_are_relative_to_the_first_batch_of_batch_statistics() -> None:
    collected = [
        line("ablation", "unadapted", curves={"intra": [4.0, 4.0], "inter": [8.0, 8.0]}),
        line("ablation", "both", curves={"intra": [4.0, 2.0], "inter": [8.0, 16.0]}),
        line("ablation", "both", curves={"intra": [4.0, 4.0], "inter": [8.0, 8.0]}, corruption="snow"),
        line("ablation", "both", curves={"intra": [9.0], "inter": [9.0]}, split="development"),
    ]
    rows = {
        (row["arm"], row["quantity"], row["batch"]): row["relative"]
        for row in distances.draw(collected, Figure())
    }
    assert rows["unadapted", "ratio", 2] == 1.0
    assert rows["both", "intra", 2] == pytest.approx(0.75)
    assert rows["both", "inter", 2] == pytest.approx(1.5)
    assert rows["both", "ratio", 2] == pytest.approx((0.125 + 0.5) / 2 / 0.5)


@pytest.mark.parametrize("figure", [batch_sizes, continual, distances, heat_map])
def test_without_records_there_is_nothing_to_draw(figure: Any) -> None:
    assert figure.draw([], Figure()) == []
