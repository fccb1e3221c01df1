"""The figure of estimated class numbers: the final number of clusters over the first one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "Estimated number of classes from different starts"
CAPTION = (
    "Number of clusters at the end over the number at the beginning. The dashed line is the true number, the "
    "dotted one what comes of leaving the number alone. Mean over seeds, the bars are their range."
)
REPRODUCES = "the paper's figure on the initial number of classes"
ALTERNATIVE = (
    "One panel for each simulated mixture and one for images, a line per method. The table has the means."
)

TRUE_NUMBER = 10
METHODS = {
    "gpc": ("GPC", "C0", "o"),
    "split_known": ("known clusters split as well (ours)", "C2", "s"),
    "released": ("as released", "C1", "^"),
    "nearest_mean": ("nearest mean", "C3", "v"),
}

Numbers = dict[int, list[float]]  # first number -> final numbers, one per seed


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per subject; the means are returned as rows."""
    numbers = numbers_by_panel(collected)
    if not numbers:
        return []
    figure.set_size_inches(3.1 * len(numbers), 3.4)
    panels = figure.subplots(1, len(numbers), sharex=True, sharey=True, squeeze=False)[0]
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, (subject, methods) in zip(panels, numbers.items(), strict=True):
        panel.set(title=subject, xlabel="clusters at the beginning")
        _draw_references(panel, methods)
        for method in METHODS:
            if method in methods:
                rows += _draw_numbers(panel, subject, method, methods[method])
    panels[0].set_ylabel("clusters at the end")
    # The panel of simulated mixtures has all methods.
    panels[0].legend(loc="upper left", fontsize=7)
    return rows


def numbers_by_panel(collected: Sequence[Line]) -> dict[str, dict[str, Numbers]]:
    """Subject -> method -> numbers of clusters, in the order of the panels."""
    found: dict[str, dict[str, Numbers]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for record in sorted((line.record for line in collected), key=lambda record: record.step, reverse=True):
        start = int(record.condition.get("start", 0))
        if record.method not in METHODS or not start:
            continue
        if record.step == "simulation":
            subject = f"{record.condition['separation']} deviations apart"
        elif record.condition.get("dataset") == "fashion_mnist":
            subject = "Fashion-MNIST"
        else:
            continue
        found[subject][record.method][start].append(record.metrics["estimated_classes"])
    return {subject: dict(methods) for subject, methods in found.items()}


def _draw_references(panel: Any, methods: dict[str, Numbers]) -> None:
    starts = sorted({start for numbers in methods.values() for start in numbers})
    panel.axhline(TRUE_NUMBER, color="#8a9099", lw=1, ls="--")
    panel.plot(starts, starts, color="#8a9099", lw=1, ls=":")


def _draw_numbers(
    panel: Any, subject: str, method: str, numbers: Numbers
) -> list[dict[str, str | int | float | bool | None]]:
    label, colour, marker = METHODS[method]
    starts = sorted(numbers)
    means = [fmean(numbers[start]) for start in starts]
    below = [mean - min(numbers[start]) for start, mean in zip(starts, means, strict=True)]
    above = [max(numbers[start]) - mean for start, mean in zip(starts, means, strict=True)]
    panel.errorbar(
        starts, means, yerr=[below, above], color=colour, marker=marker, label=label, elinewidth=0.8
    )
    return [
        {"subject": subject, "method": label, "start": start, "clusters": mean}
        for start, mean in zip(starts, means, strict=True)
    ]
