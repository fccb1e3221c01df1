"""Verdicts on effect claims: is every difference on the side, and of the size, that the paper says?

The rules stand in docs/decisions/verdict-rules.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.claims.effect_words import effect_sentence
from common.claims.outcomes import CONFIDENCE, Outcome, compare
from common.claims.schema import EffectClaim, EffectWord, Verdict
from common.records.schema import Record, Scale


def judge_effect(claim: EffectClaim, records: Sequence[Record], scale: Scale) -> Verdict:
    """What `records` say about `claim`; raises BadInputError where they can't be compared."""
    outcomes = [compare(comparison, records, claim.unit) for comparison in claim.every]
    parts = [outcome.part for outcome in outcomes]
    word = _word_of_claim(outcomes)
    return Verdict(
        claim=claim.id,
        kind="effect",
        origin=claim.origin,
        statement=claim.statement,
        where=claim.where,
        unit=claim.unit,
        scale=scale,
        word=word,
        sentence=effect_sentence(parts, word, scale),
        estimate=parts[0].estimate if len(parts) == 1 else None,
        parts=parts,
    )


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
