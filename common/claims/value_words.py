"""Clauses of value verdicts, built from names, numbers and units alone."""

from __future__ import annotations

from collections.abc import Sequence

from common.claims.protocols import Facts
from common.claims.schema import Estimate, ValueClaim, ValueWord
from common.claims.wording import (
    NO_NOISE,
    decimals_for,
    show,
    show_amount,
    show_confidence,
    show_exact,
    show_interval,
)
from common.records.schema import Scalar


def interval_sentence(claim: ValueClaim, estimate: Estimate, difference: Estimate, word: ValueWord) -> str:
    """Ours, the published number, and how the interval of the difference lies to the margin."""
    ends = (difference.low, difference.high)
    interval = show_interval(ends, decimals_for(ends, (-claim.margin, claim.margin)))
    return (
        f"{_ours(claim, [estimate.mean], estimate)}, against {_published(claim)}; the "
        f"{show_confidence(difference.confidence)} interval of the difference, {interval}, "
        f"{_LIES[word]} the margin of ±{show_amount(show_exact(claim.margin), claim.unit)}"
    )


def exact_sentence(claim: ValueClaim, value: float, word: ValueWord) -> str:
    """A deterministic value beside the published one."""
    distance = show_amount(show_exact(abs(value - claim.published.value)), claim.unit)
    return (
        f"{_name(claim)} is {show_amount(show_exact(value), claim.unit)} here (deterministic), "
        f"against {_published(claim)}; the distance, {distance}, {_LIES[word]} the margin of "
        f"±{show_amount(show_exact(claim.margin), claim.unit)}"
    )


def too_few_sentence(claim: ValueClaim, values: Sequence[float]) -> str:
    """Why random values have no interval: a single seed, or no spread at all."""
    why = "one seed has no interval, so run more" if len(values) == 1 else NO_NOISE
    return f"{_ours(claim, values, None)}, against {_published(claim)}; {why}"


def not_comparable_sentence(
    claim: ValueClaim, values: Sequence[float], estimate: Estimate | None, facts: Facts
) -> str:
    """What differs between the published number's protocol and ours."""
    listed = "; ".join(
        f"{name} is {_fact(there)} there and {_fact(here)} here" for name, (there, here) in facts.items()
    )
    published = show_amount(show_exact(claim.published.value), claim.unit)
    source = claim.published.source
    return (
        f"{_ours(claim, values, estimate)}, but the published {published} ({source}) was measured "
        f"otherwise ({listed})"
    )


_LIES: dict[ValueWord, str] = {
    "reproduced": "lies within",
    "differs": "lies wholly outside",
    "inconclusive": "reaches beyond",
}


def _ours(claim: ValueClaim, values: Sequence[float], estimate: Estimate | None) -> str:
    if estimate is None:
        mean = show_amount(show_exact(sum(values) / len(values)), claim.unit)
        seeds = "at a single seed" if len(values) == 1 else f"at each of {len(values)} seeds"
        return f"{_name(claim)} is {mean} here {seeds}"
    if estimate.deterministic:
        return f"{_name(claim)} is {show_amount(show_exact(estimate.mean), claim.unit)} here (deterministic)"
    ends = (estimate.low, estimate.high)
    decimals = decimals_for(ends)
    return (
        f"{_name(claim)} is {show_amount(show(estimate.mean, decimals), claim.unit)} here "
        f"({show_confidence(estimate.confidence)} interval {show_interval(ends, decimals)}, "
        f"n = {estimate.n} seeds)"
    )


def _published(claim: ValueClaim) -> str:
    published = claim.published
    spread = "taken as exact"
    if published.plus_minus_kind and published.plus_minus is not None:
        spread = f"± {show_exact(published.plus_minus)}, {published.plus_minus_kind}, n = {published.n}"
    return (
        f"the published {show_amount(show_exact(published.value), claim.unit)} ({published.source}; {spread})"
    )


def _name(claim: ValueClaim) -> str:
    return claim.quantity_name or f"{claim.quantity.method}'s {claim.quantity.metric}"


def _fact(value: Scalar | None) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
