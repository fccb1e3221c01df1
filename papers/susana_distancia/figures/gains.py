"""The figure of gains: what each loss adds to a prototypical network's accuracy, seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line
from common.stats.intervals import mean_interval
from papers.susana_distancia.figures._arms import ARMS, SHAPES, values

TITLE = "Gain over cross-entropy, at matched ways and beside more ways"
CAPTION = (
    "Accuracy minus that of cross-entropy after five-way training with as many shots, in points: the "
    "difference of each seed on the same test episodes, its mean and 95 % interval. The gain of ways alone "
    "is the filled point of CE (ProtoNet): many ways, no other loss."
)
REPRODUCES = "the ablation over losses and training ways; the paper's own figure was not found"
ALTERNATIVE = (
    "One line per loss, with a point for each number of training ways. The table below has the numbers."
)

SHOTS = {"1": "1-shot", "5": "5-shot"}
LOOKS = {"few": {"marker": "o", "mfc": "white"}, "many": {"marker": "o"}}


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per number of shots; means and intervals are returned as rows."""
    figure.set_size_inches(7.2, 4.0)
    panels = figure.subplots(1, len(SHOTS), sharey=True)
    arms = [arm for arm in ARMS if arm != "untrained"]
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, (shots, title) in zip(panels, SHOTS.items(), strict=True):
        for place, arm in enumerate(arms):
            for number, ways in enumerate(LOOKS):
                gains = gains_of(collected, ways, shots, arm)
                if gains and not (arm == "cross" and ways == "few"):
                    height = place + 0.15 * (2 * number - 1)
                    rows.append(_draw_gain(panel, height, f"{ways}_{shots}", arm, gains))
        panel.axvline(0, color="#8a9099", lw=1)
        panel.set(title=title, xlabel="gain, points")
        panel.set_yticks(range(len(arms)), [ARMS[arm] for arm in arms])
    panels[0].invert_yaxis()
    for ways, look in LOOKS.items():
        panels[-1].plot([], [], ls="", color="C0" if ways == "few" else "C1", label=f"{ways} ways", **look)
    panels[-1].legend(fontsize=7)
    return rows


def gains_of(collected: Sequence[Line], ways: str, shots: str, arm: str) -> list[float]:
    """Of each seed that both have, over cross-entropy after training with few ways."""
    here = values(collected, f"{ways}_{shots}", arm, "accuracy")
    there = values(collected, f"few_{shots}", "cross", "accuracy")
    return [here[seed] - there[seed] for seed in sorted(here.keys() & there.keys())]


def _draw_gain(
    panel: Any, height: float, shape: str, arm: str, gains: list[float]
) -> dict[str, str | int | float | bool | None]:
    interval = mean_interval(gains) if len(gains) > 1 else None
    mean, ways = fmean(gains), shape.split("_")[0]
    low, high = (interval.low, interval.high) if interval else (None, None)
    error = None if interval is None else [[mean - interval.low], [interval.high - mean]]
    colour = "C0" if ways == "few" else "C1"
    panel.errorbar(mean, height, xerr=error, color=colour, ms=4, capsize=2, lw=1, **LOOKS[ways])
    return {"training": SHAPES[shape], "loss": ARMS[arm], "gain": mean, "low": low, "high": high}
