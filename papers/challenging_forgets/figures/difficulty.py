"""The figure of difficulty scores: how they are distributed over worst-case and random sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "Worst-case points are the easy ones"
CAPTION = (
    "Distribution of four scores over the members of the worst-case set, the random set and the set of "
    "lowest loss, 10 % each: the share of the set's members whose score is at most the horizontal value. "
    "Mean over seeds."
)
REPRODUCES = "the analysis of entropy and C-score (EL2N and forgetting events are ours)"
ALTERNATIVE = (
    "Four panels with one curve per kind of forget set. The table on how easy the selected points are has "
    "the means."
)

SCORES = {
    "entropy": "predictive entropy, nats",
    "el2n": "EL2N",
    "forgetting_events": "forgetting events",
    "c_score": "C-score (proxy)",
}
KINDS = {
    "worst": "worst-case",
    "random": "random",
    "lowest_loss": "lowest loss",
}  # the last is drawn dashed, on top of worst-case
RATIO = 0.1


def draw(collected: Sequence[Line], figure: Any) -> None:
    """Draw one panel per score, one curve per kind of set."""
    quantiles = quantiles_by_cell(collected)
    panels = figure.subplots(1, len(SCORES), sharey=True)
    figure.set_size_inches(9.6, 3.0)
    for panel, (score, label) in zip(panels, SCORES.items(), strict=True):
        for place, (kind, name) in enumerate(KINDS.items()):
            by_seed = quantiles.get((kind, score), [])
            if by_seed:
                mean = [fmean(values) for values in zip(*by_seed, strict=True)]
                shares = [100 * at / (len(mean) - 1) for at in range(len(mean))]
                style = {"ls": "--" if kind == "lowest_loss" else "-", "color": f"C{place}"}
                panel.step(mean, shares, where="post", label=name, **style)
        panel.set_xlabel(label)
    panels[0].set_ylabel("members, %")
    panels[0].legend(loc="lower right")


def quantiles_by_cell(collected: Sequence[Line]) -> dict[tuple[str, str], list[list[float]]]:
    """(kind of forget set, score) -> its quantiles from 0 to 100 %, for every seed."""
    found: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for line in collected:
        record = line.record
        if record.step == "difficulty" and record.condition.get("ratio") == RATIO and line.curves:
            for score in SCORES.keys() & line.curves.keys():
                found[str(record.condition["forget_set"]), score].append(line.curves[score])
    return found
