"""Sentences on one comparison, built from names, numbers and units alone."""

from __future__ import annotations

from collections.abc import Sequence

from common.claims.comparison import Comparison, Ranking
from common.claims.pairing import Differences
from common.claims.schema import EffectWord, Estimate
from common.claims.side_names import bound_name, minuend_name, reference_name
from common.claims.spread import LEAST_SEEDS
from common.claims.wording import (
    MOST_DECIMALS,
    NO_NOISE,
    decimals_for,
    show,
    show_amount,
    show_confidence,
    show_exact,
    show_interval,
    show_ratio,
)


def difference_sentence(
    comparison: Comparison, estimate: Estimate, differences: Differences, word: EffectWord, unit: str
) -> str:
    """`ENT's error is 2.1 points below BN adaptation's (95 % interval [1.7, 2.5], n = 5 seeds).`"""
    sign = -1 if estimate.mean < 0 else 1
    ends = (estimate.low, estimate.high) if sign > 0 else (-estimate.high, -estimate.low)
    bound = sign * comparison.at_least * (1 if comparison.expected == "positive" else -1)
    decimals = decimals_for(ends, (0.0, bound))
    amount = show_amount(show(abs(estimate.mean), decimals), unit)
    return (
        f"{_sides(comparison, differences, unit, decimals)} {amount} {_side(sign)} {_bound(comparison)} "
        f"({show_confidence(estimate.confidence)} interval {show_interval(ends, decimals)}, "
        f"n = {estimate.n} seeds{_left_out(differences.left_out, '; {}')})"
        f"{_expectation(comparison, word, unit)}"
    )


def exact_sentence(comparison: Comparison, differences: Differences, word: EffectWord, unit: str) -> str:
    """The difference of two deterministic quantities."""
    difference = _without_interval(comparison, differences, unit, "exactly ")
    return f"{difference} (deterministic){_expectation(comparison, word, unit)}"


def too_few_sentence(comparison: Comparison, differences: Differences, unit: str) -> str:
    """Why these random differences have no interval: too few common seeds, or no spread at all."""
    left_out = _left_out(differences.left_out, " ({})")
    n = len(differences.values)
    if n == 0:
        return _no_common_seed(comparison, left_out)
    if comparison.of == "spread" and n < LEAST_SEEDS:
        return (
            f"A spread over seeds is judged from {LEAST_SEEDS} of them on, but only {n} can be "
            f"used{left_out}, so run more"
        )
    if n == 1:
        at_seed = _without_interval(comparison, differences, unit, "")
        return f"{at_seed} at a single seed{left_out}, which has no interval, so run more"
    why = _SAME_RANKS if isinstance(comparison.minuend, Ranking) else NO_NOISE
    at_seeds = _without_interval(comparison, differences, unit, "exactly ")
    return f"{at_seeds} at each of {n} seeds{left_out}, and {why}"


_SAME_RANKS = (
    "a rank correlation that is the same at every seed shows no noise to judge by; rank more methods, "
    "or run more seeds"
)


def _no_common_seed(comparison: Comparison, left_out: str) -> str:
    minuend = minuend_name(comparison)
    if isinstance(comparison.minuend, Ranking):
        return (
            f"{minuend} has no seed at which every method was run under both conditions{left_out}, "
            f"so run all at the same seeds"
        )
    reference = reference_name(comparison)
    return f"{minuend} and {reference} have no seed in common{left_out}, so run both at the same seeds"


def _without_interval(comparison: Comparison, differences: Differences, unit: str, adverb: str) -> str:
    """`ENT's error is exactly 2 points below BN adaptation's`."""
    difference = differences.exact
    head = _sides(comparison, differences, unit)
    if difference == 0:
        return f"{head.removesuffix(' is')} equals {_bound(comparison)}"
    amount = show_amount(show_exact(abs(difference)), unit)
    return f"{head} {adverb}{amount} {_side(difference)} {_bound(comparison)}"


def _sides(comparison: Comparison, differences: Differences, unit: str, decimals: int | None = None) -> str:
    """`ENT's error is`; for a multiple `ENT's error is 4 points, which is 5 % of BN's (80 points), and`."""
    minuend = minuend_name(comparison)
    if comparison.times == 1:
        return f"{minuend} is"
    first, second = differences.means
    here, there = (show_amount(_show_mean(mean, decimals), unit) for mean in (first, second))
    # Of a number that isn't positive there are no percentages.
    ratio = f"which is {show_ratio(first / second)}" if first >= 0 and second > 0 else "beside"
    return f"{minuend} is {here}, {ratio} {reference_name(comparison)} ({there}), and"


def _bound(comparison: Comparison) -> str:
    """What the minuend is above or below."""
    return reference_name(comparison) if comparison.times == 1 else f"{bound_name(comparison)} it"


def _show_mean(mean: float, decimals: int | None) -> str:
    """With so many decimals, or as many more as it takes to show that it isn't zero."""
    if decimals is None:
        return show_exact(mean)
    while mean and decimals < MOST_DECIMALS and round(mean, decimals) == 0:
        decimals += 1
    return show(mean, decimals)


def _expectation(comparison: Comparison, word: EffectWord, unit: str) -> str:
    """What the claim asked for, wherever the numbers alone don't show that it was met."""
    least = comparison.at_least
    if word == "holds" and least == 0:
        return ""
    below = (comparison.expected == "negative") == (least >= 0)
    amount = show_amount(show_exact(abs(least)), unit)
    size = f"at least {amount} " if least > 0 else f"not more than {amount} " if least < 0 else ""
    return f", where the claim expects it {size}{'below' if below else 'above'}"


def _side(difference: float) -> str:
    return "below" if difference < 0 else "above"


def _left_out(seeds: Sequence[int], form: str) -> str:
    """`form` around the seeds that lack a partner; nothing where none does."""
    listed = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))} left out for want of a partner"
    return form.format(listed) if seeds else ""
