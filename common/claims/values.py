"""Verdicts on value claims: does a published number come out again, under the protocol it names?

The rules stand in docs/decisions/verdict-rules.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from common.claims.protocols import Facts, differing_facts
from common.claims.quantities import Quantity, measure
from common.claims.schema import Estimate, ValueClaim, ValueWord, Verdict
from common.claims.value_words import (
    exact_sentence,
    interval_sentence,
    not_comparable_sentence,
    too_few_sentence,
)
from common.claims.wording import conclude
from common.records.schema import Record, Scale
from common.stats.equivalence import two_one_sided_tests
from common.stats.samples import ROUNDING
from common.stats.student import MeanEstimate, estimate_mean

ALPHA = 0.05


@dataclass(frozen=True)
class Judgement:
    """The word on a value claim, the clause that explains it, and the numbers behind it."""

    word: ValueWord
    clause: str
    estimate: Estimate | None = None
    difference: Estimate | None = None
    facts: Facts = field(default_factory=dict)


def judge_value(claim: ValueClaim, records: Sequence[Record], scale: Scale) -> Verdict:
    """What `records` say about `claim`; raises BadInputError where they can't be averaged."""
    judgement = _judge(claim, measure(records, claim.quantity), scale)
    return Verdict(
        claim=claim.id,
        kind="value",
        statement=claim.statement,
        where=claim.where,
        unit=claim.unit,
        scale=scale,
        word=judgement.word,
        sentence=conclude(judgement.clause, judgement.word, scale),
        estimate=judgement.estimate,
        difference=judgement.difference,
        published=claim.published,
        margin=claim.margin,
        differing_facts=judgement.facts,
    )


def _judge(claim: ValueClaim, quantity: Quantity, scale: Scale) -> Judgement:
    if quantity.missing:
        return Judgement("not run", quantity.missing)
    mean = estimate_mean(quantity.values) if len(quantity.values) > 1 else None
    estimate = _estimate(quantity, mean)
    facts = differing_facts(claim.published.protocol, quantity.records, scale)
    if facts:
        clause = not_comparable_sentence(claim, quantity.values, estimate, facts)
        return Judgement("not comparable", clause, estimate, facts=facts)
    if quantity.deterministic:
        return _judge_exactly(claim, quantity.values[0], estimate)
    if mean is None or estimate is None:
        return Judgement("inconclusive", too_few_sentence(claim, quantity.values))
    return _judge_by_intervals(claim, mean, estimate)


def _judge_exactly(claim: ValueClaim, value: float, estimate: Estimate | None) -> Judgement:
    difference = value - claim.published.value
    rounding = ROUNDING * max(abs(value), abs(claim.published.value))
    word: ValueWord = "reproduced" if abs(difference) <= claim.margin + rounding else "differs"
    return Judgement(word, exact_sentence(claim, value, word), estimate, _exact_estimate(difference))


def _judge_by_intervals(claim: ValueClaim, mean: MeanEstimate, estimate: Estimate) -> Judgement:
    """`reproduced` by two one-sided tests at 5 %; `differs` by a 95 % interval that leaves the margin."""
    published = claim.published
    distance = mean.minus(published.value, published.standard_error(), published.n)
    test = two_one_sided_tests(distance, claim.margin, ALPHA)
    low, high = distance.interval(1 - ALPHA)
    word: ValueWord = "reproduced" if test.equivalent else "inconclusive"
    confidence, ends = 1 - 2 * ALPHA, (test.low, test.high)
    if low > claim.margin or high < -claim.margin:
        word, confidence, ends = "differs", 1 - ALPHA, (low, high)
    difference = Estimate(
        mean=distance.mean, low=ends[0], high=ends[1], confidence=confidence, n=mean.n, p_value=test.p_value
    )
    return Judgement(word, interval_sentence(claim, estimate, difference, word), estimate, difference)


def _estimate(quantity: Quantity, mean: MeanEstimate | None) -> Estimate | None:
    if quantity.deterministic:
        return _exact_estimate(quantity.values[0])
    if mean is None or not mean.has_spread:
        return None
    low, high = mean.interval(1 - ALPHA)
    return Estimate(mean=mean.mean, low=low, high=high, confidence=1 - ALPHA, n=mean.n)


def _exact_estimate(value: float) -> Estimate:
    return Estimate(mean=value, low=value, high=value, confidence=1 - ALPHA, n=1, deterministic=True)
