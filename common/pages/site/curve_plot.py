"""Small pictures of the curves that runs leave, such as a loss over epochs: inline SVG, a line per seed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from common.records.collected import Line

WIDTH, HEIGHT = 300, 80  # of the area in which the lines are drawn, in units of the SVG
MOST_POINTS = 60  # of a line; more would stand closer together than the eye tells apart


@dataclass(frozen=True)
class CurvePlot:
    """One curve of a cell's runs.

    `paths` are SVG path data, one for each seed, broken where a value isn't a number. Entries are counted
    from 1 to `last`; each point drawn is the mean of `bucket` of them.
    """

    name: str
    paths: list[str]
    last: int
    bucket: int
    low: str
    high: str
    in_words: str


def plot_curves(runs: Sequence[Line]) -> list[CurvePlot]:
    """A picture for each name among the runs' curves; none for a curve without a single finite value."""
    names = dict.fromkeys(name for run in runs for name in run.curves or {})
    plots = [_plot(name, _by_seed(name, runs)) for name in names]
    return [plot for plot in plots if plot is not None]


def _by_seed(name: str, runs: Sequence[Line]) -> dict[int, list[float]]:
    """Seed -> its curve: at each entry the mean over those of the seed's runs that got so far."""
    found: dict[int, list[list[float]]] = defaultdict(list)
    for run in runs:
        curve = (run.curves or {}).get(name)
        if curve:
            found[run.record.seed].append(curve)
    return {seed: _mean_curve(curves) for seed, curves in sorted(found.items())}


def _mean_curve(curves: Sequence[Sequence[float]]) -> list[float]:
    if len(curves) == 1:
        return list(curves[0])
    longest = max(map(len, curves))
    return [fmean(curve[place] for curve in curves if place < len(curve)) for place in range(longest)]


def _plot(name: str, by_seed: dict[int, list[float]]) -> CurvePlot | None:
    last = max(map(len, by_seed.values()), default=0)
    bucket = max(1, math.ceil(last / MOST_POINTS))
    lines = [_thinned(curve, bucket) for curve in by_seed.values()]
    finite = [value for line in lines for value in line if math.isfinite(value)]
    if not finite:
        return None
    low, high = min(finite), max(finite)
    return CurvePlot(
        name=name,
        paths=[_path(line, max(map(len, lines)), low, high) for line in lines],
        last=last,
        bucket=bucket,
        low=_number(low),
        high=_number(high),
        in_words=_in_words(list(by_seed.values()), last, low, high),
    )


def _thinned(curve: Sequence[float], bucket: int) -> list[float]:
    return [fmean(curve[start : start + bucket]) for start in range(0, len(curve), bucket)]


def _path(line: Sequence[float], places: int, low: float, high: float) -> str:
    """Path data: whole units are fine enough for the eye, and keep pages small."""
    parts, pen = [], "M"
    for place, value in enumerate(line):
        if math.isfinite(value):
            x = round(WIDTH * place / max(1, places - 1))
            y = round(HEIGHT * (1 - (value - low) / (high - low))) if high > low else HEIGHT // 2
            parts.append(f"{pen}{x} {y}{'h0' if pen == 'M' else ''}")  # h0: a point alone is a dot
            pen = "L"
        else:
            pen = "M"
    return "".join(parts)


def _in_words(curves: Sequence[Sequence[float]], last: int, low: float, high: float) -> str:
    """The picture for those who don't see it: range, first and last mean over seeds, and gaps."""
    first, end = (_finite_mean([curve[place] for curve in curves]) for place in (0, -1))
    gaps = sum(not math.isfinite(value) for curve in curves for value in curve)
    without = f"; {gaps} values are not numbers" if gaps else ""
    count = f"{len(curves)} line{'s' if len(curves) > 1 else ''}, one per seed"
    return (
        f"{count}, over {last} steps, from {first} at the first to {end} at the last, "
        f"between {_number(low)} and {_number(high)}{without}"
    )


def _finite_mean(values: Sequence[float]) -> str:
    finite = [value for value in values if math.isfinite(value)]
    return _number(fmean(finite)) if finite else "no number"


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
