"""The outcome of one comparison: the word on it, the interval behind it, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.claims.comparison import Comparison
from common.claims.difference_words import difference_sentence, exact_sentence, too_few_sentence
from common.claims.differences import measure_differences
from common.claims.pairing import Differences
from common.claims.quantities import Obstacle
from common.claims.schema import EffectWord, Estimate, Part
from common.claims.side_names import comparison_label
from common.claims.spread import LEAST_SEEDS
from common.records.schema import Record
from common.stats.samples import ROUNDING
from common.stats.student import MeanEstimate, estimate_mean

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Outcome:
    """A comparison's part of the verdict, and the p-value of the evidence against it (1: none)."""

    part: Part
    p_fails: float = 1.0


def compare(comparison: Comparison, records: Sequence[Record], unit: str) -> Outcome:
    """One comparison: by its exact value where nothing is random, else by its 95 % interval."""
    differences = measure_differences(comparison, records)
    if isinstance(differences, Obstacle):
        return _outcome(comparison, differences.word, differences.sentence)
    return _decide(comparison, differences, unit)


def _decide(comparison: Comparison, differences: Differences, unit: str) -> Outcome:
    if differences.deterministic:
        return _decide_exactly(comparison, differences, unit)
    if len(differences.values) < (LEAST_SEEDS if comparison.of == "spread" else 2):
        return _outcome(comparison, "inconclusive", too_few_sentence(comparison, differences, unit))
    mean = estimate_mean(differences.values, differences.magnitude)
    if not mean.has_spread:
        return _outcome(comparison, "inconclusive", too_few_sentence(comparison, differences, unit))
    return _decide_by_interval(comparison, mean, differences, unit)


def _decide_exactly(comparison: Comparison, differences: Differences, unit: str) -> Outcome:
    exact = differences.exact
    size = _sign(comparison) * exact
    # A direction without a size calls for a real difference; a size may be met exactly, and one below
    # zero allows for a difference on the other side.
    real = size > 0 or comparison.at_least < 0
    enough = real and size >= comparison.at_least - ROUNDING * differences.magnitude
    word: EffectWord = "holds" if enough else "fails"
    estimate = Estimate(mean=exact, low=exact, high=exact, confidence=CONFIDENCE, n=1, deterministic=True)
    sentence = exact_sentence(comparison, differences, word, unit)
    return _outcome(comparison, word, sentence, estimate, p_fails=0.0 if word == "fails" else 1.0)


def _decide_by_interval(
    comparison: Comparison, mean: MeanEstimate, differences: Differences, unit: str
) -> Outcome:
    low, high = mean.interval(CONFIDENCE)
    bound = _sign(comparison) * comparison.at_least
    p_value = mean.p_different(bound)
    estimate = Estimate(mean=mean.mean, low=low, high=high, confidence=CONFIDENCE, n=mean.n, p_value=p_value)
    word = _word_of_interval(low, high, bound, comparison)
    sentence = difference_sentence(comparison, estimate, differences, word, unit)
    return _outcome(comparison, word, sentence, estimate, p_fails=p_value if word == "fails" else 1.0)


def _word_of_interval(low: float, high: float, bound: float, comparison: Comparison) -> EffectWord:
    if low <= bound <= high:
        return "inconclusive"
    return "holds" if (low > bound) == (comparison.expected == "positive") else "fails"


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
