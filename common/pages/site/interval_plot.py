"""The small picture of a verdict: estimate, interval and the region in which the claim is true."""

from __future__ import annotations

from dataclasses import dataclass

from common.claims.schema import Claim, EffectClaim, Estimate, Part, ValueClaim
from common.claims.side_names import measure_name
from common.pages.site.claims import JudgedClaim


@dataclass(frozen=True)
class Bar:
    """One interval with its label; positions are percentages of the picture's width."""

    label: str
    word: str
    estimate: Estimate
    low: float
    mean: float
    high: float
    claimed_from: float
    claimed_to: float
    zero: float | None  # no difference, for effects
    published: float | None  # for values


@dataclass(frozen=True)
class Tick:
    """A labelled place on the axis; `anchor` keeps its text inside the picture."""

    position: float
    label: str
    anchor: str


@dataclass(frozen=True)
class IntervalPlot:
    """Bars that share one axis, and the parts that have no estimate to draw.

    `measure` is what the axis shows, where that is neither a value nor a plain difference.
    """

    bars: list[Bar]
    ticks: list[Tick]
    without: list[Part]
    measure: str = ""


Region = tuple[float | None, float | None]  # from, to; None is without end
_MARGIN = 0.08  # empty share on each side, so that no mark is cut off
_CROWDED = 14.0  # ticks closer than this, in percent of the width, would overlap


def plot_claim(judged: JudgedClaim) -> IntervalPlot | None:
    """The picture of a verdict; None where it has neither an estimate nor parts."""
    entries = _entries(judged)
    without = [part for part in judged.verdict.parts if part.estimate is None]
    if not entries:
        return IntervalPlot([], [], without) if without else None
    ends = [end for entry in entries for end in (entry.estimate.low, entry.estimate.high)]
    borders = [border for entry in entries for border in entry.region if border is not None]
    claim = judged.claim
    if isinstance(claim, ValueClaim):
        published = claim.published.value
        axis = _Axis.over([*ends, *borders, published])
        bars = [_bar(entry, axis, published=axis.place(published)) for entry in entries]
        return IntervalPlot(bars, _ticks([published, *borders], axis), [])
    axis = _Axis.over([*ends, *borders, 0.0])
    bars = [_bar(entry, axis, zero=axis.place(0.0)) for entry in entries]
    return IntervalPlot(bars, _ticks([*borders, 0.0], axis), without, _shared_measure(claim))


@dataclass(frozen=True)
class _Entry:
    label: str
    word: str
    estimate: Estimate
    region: Region


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float

    @classmethod
    def over(cls, values: list[float]) -> _Axis:
        low, high = min(values), max(values)
        margin = (high - low) * _MARGIN or 1.0
        return cls(low - margin, high + margin)

    def place(self, value: float) -> float:
        return round(100 * (value - self.low) / (self.high - self.low), 2)


def _entries(judged: JudgedClaim) -> list[_Entry]:
    """Every part that has an estimate; the verdict itself where it has no parts."""
    verdict = judged.verdict
    regions, measures = _regions(judged.claim), _own_measures(judged.claim)
    if not verdict.parts:
        return [_Entry("", verdict.word, verdict.estimate, regions[0])] if verdict.estimate else []
    return [
        _Entry(part.label + measure, part.word, part.estimate, region)
        for part, region, measure in zip(verdict.parts, regions, measures, strict=False)
        if part.estimate is not None
    ]


def _regions(claim: Claim) -> list[Region]:
    """Where each comparison's difference, or the value, must lie for the claim to be true."""
    if isinstance(claim, ValueClaim):
        value = claim.published.value
        return [(value - claim.margin, value + claim.margin)]
    return [
        (None, -part.at_least) if part.expected == "negative" else (part.at_least, None)
        for part in claim.every
    ]


def _shared_measure(claim: EffectClaim) -> str:
    """What all comparisons measure; empty where they measure different things."""
    measures = {measure_name(comparison) for comparison in claim.every}
    return measures.pop() if len(measures) == 1 else ""


def _own_measures(claim: Claim) -> list[str]:
    """What each comparison measures, for the end of its label, unless the axis says it for all."""
    if isinstance(claim, ValueClaim):
        return [""]
    names = ["" if _shared_measure(claim) else measure_name(comparison) for comparison in claim.every]
    return [f" ({name})" if name else "" for name in names]


def _bar(entry: _Entry, axis: _Axis, zero: float | None = None, published: float | None = None) -> Bar:
    start, end = entry.region
    return Bar(
        label=entry.label,
        word=entry.word,
        estimate=entry.estimate,
        low=axis.place(entry.estimate.low),
        mean=axis.place(entry.estimate.mean),
        high=axis.place(entry.estimate.high),
        claimed_from=0.0 if start is None else axis.place(start),
        claimed_to=100.0 if end is None else axis.place(end),
        zero=zero,
        published=published,
    )


def _ticks(values: list[float], axis: _Axis) -> list[Tick]:
    """Ticks in order of importance, leaving out those that would overlap an earlier one."""
    kept: list[float] = []
    for value in values:
        if all(abs(axis.place(value) - axis.place(other)) >= _CROWDED for other in kept):
            kept.append(value)
    return [Tick(axis.place(value), f"{value + 0.0:g}", _anchor(axis.place(value))) for value in sorted(kept)]


def _anchor(position: float) -> str:
    return "start" if position < 10 else "end" if position > 90 else "middle"
