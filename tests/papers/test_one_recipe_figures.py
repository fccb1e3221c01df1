"""The figures of one_recipe: what they take from the records, by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from papers.one_recipe.figures import learning_curves, pareto_front, receptive_fields
from papers.one_recipe.figures._networks import LABELS, dashes, look


def line(step: str, network: str, metrics: dict[str, float], seed: int = 0, **more: Any) -> Any:
    cost = SimpleNamespace(parts={"training": more.pop("training", 0.0)})
    record = SimpleNamespace(
        step=step,
        condition={"network": network, **more.pop("condition", {})},
        metrics=metrics,
        cost=cost,
        seed=seed,
        pictures=more.get("picture") is not None or None,
    )
    curve, image = more.get("curve"), more.get("picture")
    return SimpleNamespace(
        record=record, curves={"training_loss": curve} if curve else None, picture=lambda name: image
    )


def test_costs_come_from_the_comparison_and_the_turns() -> None:
    lines = [
        line("comparison", "vit", {"accuracy": value, "multiply_adds": 2e6}, seed)
        for seed, value in enumerate((60.0, 62.0))
    ]
    lines += [line("throughput", "vit", {"images": 100.0}, training=0.05)]
    lines += [line("comparison", "linear", {"accuracy": 1.0, "multiply_adds": 1.0})]
    (row,) = pareto_front.rows_of([each.record for each in lines])
    assert (row["network"], row["accuracy"], row["multiply_adds"]) == ("ViT", 61.0, 2.0)
    assert row["milliseconds"] == 0.5
    assert pareto_front.draw(lines, Figure()) == [row]


def test_the_front_is_of_what_nobody_beats_in_both() -> None:
    points = [(1.0, 30.0), (2.0, 25.0), (2.0, 35.0), (3.0, 35.0), (4.0, 40.0)]
    assert pareto_front.front(points) == [(1.0, 30.0), (2.0, 35.0), (4.0, 40.0)]


def test_curves_have_a_row_for_each_epoch_of_the_networks_shown() -> None:
    lines = [line("comparison", "dhvt", {}, seed, curve=[2.0 + seed, 1.0 + seed]) for seed in (0, 2)]
    lines += [line("comparison", "linear", {}, curve=[9.0, 9.0])]
    rows = learning_curves.draw(lines, Figure())
    assert [(row["network"], row["epoch"], row["loss"]) for row in rows] == [
        ("DHVT", 1, 3.0),
        ("DHVT", 2, 2.0),
    ]


def test_fields_are_of_the_first_seed() -> None:
    shown = np.zeros((1, 2, 2), dtype=np.uint8)
    lines = [
        line(
            "receptive_field",
            "resnet",
            {"effective_percent": 10.0 * seed},
            seed,
            condition={"state": state},
            picture=shown,
        )
        for seed in (1, 0)
        for state in ("initial", "trained")
    ]
    rows = receptive_fields.draw(lines, Figure())
    assert [(row["network"], row["state"], row["effective_percent"]) for row in rows] == [
        ("ResNet", "initial", 0.0),
        ("ResNet", "trained", 0.0),
    ]


def test_each_network_has_a_look_of_its_own() -> None:
    assert len({(look(name)["color"], dashes(name)) for name in LABELS}) == len(LABELS)
    assert len({tuple(look(name).values()) for name in LABELS}) == len(LABELS)
    assert [look(name)["marker"] for name in ("resnet", "vit", "res_mlp")] == ["s", "o", "^"]
