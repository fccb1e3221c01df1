"""Verdicts on effect claims: is every difference on the side, and of the size, that the paper says?

The rules stand in docs/decisions/verdict-rules.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.claims.effect_words import (
    comparison_label,
    difference_sentence,
    effect_sentence,
    exact_sentence,
    too_few_sentence,
)
from common.claims.pairing import Differences, against_constant, against_quantity
from common.claims.quantities import measure
from common.claims.schema import Comparison, EffectClaim, EffectWord, Estimate, Part, Verdict
from common.records.schema import Record, Scale
from common.stats.samples import ROUNDING
from common.stats.student import MeanEstimate, estimate_mean

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Outcome:
    """A comparison's part of the verdict, and the p-value of the evidence against it (1: none)."""

    part: Part
    p_fails: float = 1.0


def judge_effect(claim: EffectClaim, records: Sequence[Record], scale: Scale) -> Verdict:
    """What `records` say about `claim`; raises BadInputError where they can't be compared."""
    outcomes = [compare(comparison, records, claim.unit) for comparison in claim.every]
    parts = [outcome.part for outcome in outcomes]
    word = _word_of_claim(outcomes)
    return Verdict(
        claim=claim.id,
        kind="effect",
        statement=claim.statement,
        where=claim.where,
        unit=claim.unit,
        scale=scale,
        word=word,
        sentence=effect_sentence(parts, word, scale),
        estimate=parts[0].estimate if len(parts) == 1 else None,
        parts=parts,
    )


def compare(comparison: Comparison, records: Sequence[Record], unit: str) -> Outcome:
    """One comparison: by its exact value where nothing is random, else by its 95 % interval."""
    minuend = measure(records, comparison.minuend)
    subtrahend = measure(records, comparison.subtrahend) if comparison.subtrahend else None
    missing = minuend.missing or (subtrahend.missing if subtrahend else None)
    if missing:
        return _outcome(comparison, "not run", missing)
    if subtrahend is None:
        # The schema has seen to it that there is a constant where there is no subtrahend.
        differences = against_constant(minuend, comparison.constant or 0.0)
    else:
        differences = against_quantity(minuend, subtrahend)
    return _decide(comparison, differences, unit)


def _decide(comparison: Comparison, differences: Differences, unit: str) -> Outcome:
    if differences.deterministic:
        return _decide_exactly(comparison, differences, unit)
    if len(differences.values) < 2:
        return _outcome(comparison, "inconclusive", too_few_sentence(comparison, differences, unit))
    mean = estimate_mean(differences.values, differences.magnitude)
    if not mean.has_spread:
        return _outcome(comparison, "inconclusive", too_few_sentence(comparison, differences, unit))
    return _decide_by_interval(comparison, mean, differences, unit)


def _decide_exactly(comparison: Comparison, differences: Differences, unit: str) -> Outcome:
    exact = differences.exact
    size = _sign(comparison) * exact
    # A direction without a size calls for a real difference; a size may be met exactly.
    enough = size > 0 and size >= comparison.at_least - ROUNDING * differences.magnitude
    word: EffectWord = "holds" if enough else "fails"
    estimate = Estimate(mean=exact, low=exact, high=exact, confidence=CONFIDENCE, n=1, deterministic=True)
    sentence = exact_sentence(comparison, exact, word, unit)
    return _outcome(comparison, word, sentence, estimate, p_fails=0.0 if word == "fails" else 1.0)


def _decide_by_interval(
    comparison: Comparison, mean: MeanEstimate, differences: Differences, unit: str
) -> Outcome:
    low, high = mean.interval(CONFIDENCE)
    bound = _sign(comparison) * comparison.at_least
    p_value = mean.p_different(bound)
    estimate = Estimate(mean=mean.mean, low=low, high=high, confidence=CONFIDENCE, n=mean.n, p_value=p_value)
    word = _word_of_interval(low, high, bound, comparison)
    sentence = difference_sentence(comparison, estimate, word, unit, differences.left_out)
    return _outcome(comparison, word, sentence, estimate, p_fails=p_value if word == "fails" else 1.0)


def _word_of_interval(low: float, high: float, bound: float, comparison: Comparison) -> EffectWord:
    if low <= bound <= high:
        return "inconclusive"
    return "holds" if (low > bound) == (comparison.expected == "positive") else "fails"


def _word_of_claim(outcomes: Sequence[Outcome]) -> EffectWord:
    """The word on all comparisons together.

    `holds` needs every one, so that its error rate is no larger than that of one (an intersection-union
    test: Berger, "Multiparameter hypothesis testing and acceptance sampling", 1982). `fails` needs only
    one, so that chances add up: Holm's correction over all comparisons, whose first step, the smallest
    p-value times their number, tells whether any is left.
    """
    words = {outcome.part.word for outcome in outcomes}
    if len(outcomes) * min(outcome.p_fails for outcome in outcomes) < 1 - CONFIDENCE:
        return "fails"
    if "not run" in words:
        return "not run"
    return "holds" if words == {"holds"} else "inconclusive"


def _sign(comparison: Comparison) -> int:
    return 1 if comparison.expected == "positive" else -1


def _outcome(
    comparison: Comparison,
    word: EffectWord,
    sentence: str,
    estimate: Estimate | None = None,
    p_fails: float = 1.0,
) -> Outcome:
    label = comparison_label(comparison)
    return Outcome(Part(label=label, word=word, estimate=estimate, sentence=sentence), p_fails)
