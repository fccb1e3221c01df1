"""The small picture of a verdict: estimate, interval and the region in which the claim is true."""

from __future__ import annotations

from dataclasses import dataclass

from common.claims.schema import Claim, Estimate, ValueClaim
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
    published: float | None


@dataclass(frozen=True)
class Tick:
    """A labelled place on the axis; `anchor` keeps its text inside the picture."""

    position: float
    label: str
    anchor: str


@dataclass(frozen=True)
class IntervalPlot:
    """Bars that share one axis."""

    bars: list[Bar]
    ticks: list[Tick]


Region = tuple[float | None, float | None]  # from, to; None is without end
_MARGIN = 0.08  # empty share on each side, so that no mark is cut off
_CROWDED = 14.0  # ticks closer than this, in percent of the width, would overlap


def plot_claim(judged: JudgedClaim) -> IntervalPlot | None:
    """The picture of a verdict; None where it has no estimate."""
    entries = _entries(judged)
    if not entries:
        return None
    regions = [region for _, _, _, region in entries]
    ends = [end for _, _, estimate, _ in entries for end in (estimate.low, estimate.high)]
    borders = [border for region in regions for border in region if border is not None]
    marks = [_published(judged.claim)] if isinstance(judged.claim, ValueClaim) else [0.0]
    axis = _Axis.over([*ends, *borders, *marks])
    bars = [_bar(entry, axis, _published_place(judged.claim, axis)) for entry in entries]
    return IntervalPlot(bars, _ticks([*marks, *borders], axis))


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


_Entry = tuple[str, str, Estimate, Region]


def _entries(judged: JudgedClaim) -> list[_Entry]:
    """Label, word, estimate and region of every part that has an estimate."""
    verdict = judged.verdict
    regions = _regions(judged.claim)
    if verdict.parts:
        parts = zip(verdict.parts, regions, strict=False)
        return [
            (part.label, part.word, part.estimate, region)
            for part, region in parts
            if part.estimate is not None
        ]
    if verdict.estimate is None:
        return []
    return [("", verdict.word, verdict.estimate, regions[0])]


def _regions(claim: Claim) -> list[Region]:
    """Where each comparison's difference, or the value, must lie for the claim to be true."""
    if isinstance(claim, ValueClaim):
        value = claim.published.value
        return [(value - claim.margin, value + claim.margin)]
    return [
        (None, -part.at_least) if part.expected == "negative" else (part.at_least, None)
        for part in claim.every
    ]


def _bar(entry: _Entry, axis: _Axis, published: float | None) -> Bar:
    label, word, estimate, (start, end) = entry
    return Bar(
        label=label,
        word=word,
        estimate=estimate,
        low=axis.place(estimate.low),
        mean=axis.place(estimate.mean),
        high=axis.place(estimate.high),
        claimed_from=0.0 if start is None else axis.place(start),
        claimed_to=100.0 if end is None else axis.place(end),
        published=published,
    )


def _published(claim: ValueClaim) -> float:
    return claim.published.value


def _published_place(claim: Claim, axis: _Axis) -> float | None:
    return axis.place(claim.published.value) if isinstance(claim, ValueClaim) else None


def _ticks(values: list[float], axis: _Axis) -> list[Tick]:
    """Ticks in order of importance, leaving out those that would overlap an earlier one."""
    kept: list[float] = []
    for value in values:
        if all(abs(axis.place(value) - axis.place(other)) >= _CROWDED for other in kept):
            kept.append(value)
    return [Tick(axis.place(value), f"{value:g}", _anchor(axis.place(value))) for value in sorted(kept)]


def _anchor(position: float) -> str:
    return "start" if position < 10 else "end" if position > 90 else "middle"
