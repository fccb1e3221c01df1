"""The figure of class counts: the estimated number of novel classes against the true one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from common.records.collected import Line
from papers.tabular_ncd.figures._methods import DATA_SETS

TITLE = "Estimated against true number of novel classes"
CAPTION = (
    "By silhouettes in the features, in the spectral embedding and in the latents of the baseline and of "
    "PBN; one point per seed, the dash is the true number."
)
REPRODUCES = "the paper's comparison of estimates of the number of novel classes"
ALTERNATIVE = "One panel per data set with a column of points per space. The table below has the numbers."

# Space -> step and method whose estimates are made in it.
SPACES = {
    "features": ("untuned", "k_means"),
    "spectral": ("discovery", "ncd_spectral_clustering"),
    "baseline": ("discovery", "baseline"),
    "PBN": ("discovery", "pbn"),
}


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per data set; every estimate is returned as a row."""
    found = estimates(collected)
    shown = [name for name in DATA_SETS if name in found]
    if not shown:
        return []
    figure.set_size_inches(2.9 * len(shown), 3.2)
    panels = figure.subplots(1, len(shown), squeeze=False)[0]
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, name in zip(panels, shown, strict=True):
        true, by_space = found[name]
        panel.set_title(DATA_SETS[name])
        panel.axhline(true, color="#8a9099", ls="--", lw=1)
        for place, space in enumerate(SPACES):
            counts = by_space.get(space, [])
            spread = [place + 0.08 * (at - (len(counts) - 1) / 2) for at in range(len(counts))]
            panel.plot(spread, counts, "o", color=f"C{place}")
            rows += [
                {"data_set": DATA_SETS[name], "space": space, "true": true, "estimated": count}
                for count in counts
            ]
        panel.set_xticks(range(len(SPACES)), list(SPACES), rotation=30)
        panel.set_ylim(bottom=0)
    panels[0].set_ylabel("novel classes")
    return rows


def estimates(collected: Sequence[Line]) -> dict[str, tuple[int, dict[str, list[float]]]]:
    """Data set -> the true number, and space -> the estimate of every seed."""
    found: dict[str, tuple[int, dict[str, list[float]]]] = {}
    for record in sorted((line.record for line in collected), key=lambda record: record.seed):
        spaces = [name for name, place in SPACES.items() if place == (record.step, record.method)]
        honest = record.condition.get("chosen_on") in (None, "hidden_classes")
        if not spaces or record.condition.get("classes") != "estimated" or not honest:
            continue
        true = int(str(record.protocol["novel_classes"]))
        _, by_space = found.setdefault(str(record.condition["dataset"]), (true, defaultdict(list)))
        by_space[spaces[0]].append(record.metrics["estimated_classes"])
    return found
