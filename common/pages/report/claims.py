"""Claims and verdicts as the report prints them."""

from __future__ import annotations

from common.claims.schema import Estimate, Verdict
from common.claims.wording import decimals_for, show, show_exact, show_interval
from common.pages.report.schema import (
    Badge,
    PrintedBar,
    PrintedClaim,
    PrintedPart,
    PrintedRecorded,
    PrintedTick,
)
from common.pages.site.interval_plot import Bar, IntervalPlot, plot_claim
from common.pages.site.recorded_verdicts import ShownClaim
from common.pages.site.verdict_words import LOOKS


def badge(word: str) -> Badge:
    """The badge of a verdict's word."""
    return Badge(word=word, symbol=LOOKS[word].symbol, tone=LOOKS[word].tone)


def print_claim(judged: ShownClaim) -> PrintedClaim:
    """One claim with its verdict, its intervals, and where the paper states it."""
    verdict, plot = judged.verdict, plot_claim(judged) or IntervalPlot([], [], [])
    return PrintedClaim(
        statement=verdict.statement,
        badge=badge(verdict.word),
        is_control=verdict.origin == "control",
        sentence=verdict.sentence,
        bars=[_bar(bar, verdict.unit) for bar in plot.bars],
        ticks=[
            PrintedTick(position=tick.position, label=_signed(tick.label), anchor=tick.anchor)
            for tick in plot.ticks
        ],
        axis=_axis(verdict, plot),
        without=[
            PrintedPart(label=part.label, sentence=part.sentence, badge=badge(part.word))
            for part in plot.without
            if len(verdict.parts) > 1
        ],
        has_parts=len(verdict.parts) > 1,
        why=judged.why,
        why_label=judged.why_label,
        facts=_facts(verdict),
        recorded=[
            PrintedRecorded(
                badge=badge(each.verdict.word),
                sentence=f"At {each.verdict.scale} scale, made elsewhere: {each.verdict.sentence}",
                origin=each.origin,
            )
            for each in judged.recorded
        ],
    )


def _bar(bar: Bar, unit: str) -> PrintedBar:
    return PrintedBar(
        label=bar.label,
        number=f"{_interval(bar.estimate)} {unit}".rstrip(),
        badge=badge(bar.word),
        low=bar.low,
        mean=bar.mean,
        high=bar.high,
        claimed_from=bar.claimed_from,
        claimed_to=bar.claimed_to,
        zero=bar.zero,
        published=bar.published,
    )


def _interval(estimate: Estimate) -> str:
    if estimate.deterministic:
        return show_exact(estimate.mean)
    ends = (estimate.low, estimate.high)
    decimals = decimals_for(ends)
    return f"{show(estimate.mean, decimals)} {show_interval(ends, decimals)}"


def _axis(verdict: Verdict, plot: IntervalPlot) -> str:
    if verdict.kind == "value":
        return "shaded: within the margin of the published value"
    measure = f"{plot.measure}; " if plot.measure else ""
    return f"{measure}shaded: where the claim is true"


def _facts(verdict: Verdict) -> list[str]:
    """Where the paper states the claim, and what the verdict was measured against."""
    facts = [verdict.where, f"tested at {verdict.scale} scale"]
    if verdict.published is not None:
        number = f"{_signed(str(verdict.published.value))} {verdict.unit}".rstrip()
        facts.append(f"published {number}, {verdict.published.source}")
    if verdict.margin is not None:
        facts.append(f"margin ±{verdict.margin} {verdict.unit}".rstrip())
    return facts


def _signed(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
