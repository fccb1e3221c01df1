"""The figure of learning curves: error over epochs at each learning rate, per method."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from common.records.collected import Line

TITLE = "Learning rates: who collapses, and when"
CAPTION = (
    "Change of the mean error on the four development corruptions since epoch 0, which is batch-norm "
    "adaptation alone; one line per learning rate, the band is the range over seeds. "
    "Linear between -1 and 1, logarithmic beyond. "
    "ENT has its best epoch early and decays where the rate is too large; RPL decays later and less."
)
REPRODUCES = "Table 13 of the paper, drawn"
ALTERNATIVE = (
    "Four panels, one per method, with the change of error over epochs at each learning rate. "
    "The table below has the numbers."
)

METHODS = {"ent": "ENT", "rpl": "RPL", "hard_pl": "Hard pseudo-labels", "soft_pl": "Soft pseudo-labels"}

Curves = dict[tuple[str, float], dict[int, list[float]]]


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """Draw one panel per method; the means are returned as rows."""
    curves = mean_curves(collected)
    rates = sorted({rate for _, rate in curves})
    panels = figure.subplots(1, len(METHODS), sharey=True)
    figure.set_size_inches(9.6, 3.4)
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, (method, label) in zip(panels, METHODS.items(), strict=True):
        panel.set_title(label)
        panel.set_xlabel("epochs")
        for place, rate in enumerate(rates):
            by_seed = list(curves.get((method, rate), {}).values())
            if by_seed:
                rows += _draw_curve(panel, method, rate, by_seed, f"C{place}")
        panel.xaxis.get_major_locator().set_params(integer=True)
    panels[0].set_yscale("symlog", linthresh=1)
    panels[0].set_ylabel("change of error, points")
    panels[0].legend(title="learning rate", loc="upper left")
    return rows


def mean_curves(collected: Sequence[Line]) -> Curves:
    """(method, learning rate) -> seed -> error after each epoch, averaged over development corruptions."""
    found: dict[tuple[str, float], dict[int, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    for line in collected:
        record = line.record
        if record.condition.get("split") == "development" and line.curves:
            key = (record.method, float(record.condition["learning_rate"]))
            found[key][record.seed].append(line.curves["error_percent"])
    return {
        key: {seed: [sum(at) / len(at) for at in zip(*sets, strict=True)] for seed, sets in by_seed.items()}
        for key, by_seed in found.items()
    }


def _draw_curve(
    panel: Any, method: str, rate: float, by_seed: list[list[float]], colour: str
) -> list[dict[str, str | int | float | bool | None]]:
    changes = [[error - errors[0] for error in errors] for errors in by_seed]
    lows, means, highs = (list(map(of, zip(*changes, strict=True))) for of in (min, fmean, max))
    epochs = list(range(len(means)))
    panel.plot(epochs, means, marker="o", color=colour, label=f"{rate:g}")
    panel.fill_between(epochs, lows, highs, color=colour, alpha=0.15, lw=0)
    return [
        {"method": method, "learning_rate": rate, "epoch": epoch, "change_points": round(mean, 3)}
        for epoch, mean in zip(epochs, means, strict=True)
    ]
