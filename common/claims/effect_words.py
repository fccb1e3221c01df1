"""Sentences of effect verdicts, built from names, numbers and units alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from common.claims.pairing import Differences
from common.claims.schema import Comparison, EffectWord, Estimate, Part
from common.claims.wording import (
    NO_NOISE,
    conclude,
    decimals_for,
    end,
    show,
    show_amount,
    show_confidence,
    show_exact,
    show_interval,
)
from common.records.query import Selection
from common.records.schema import Scalar, Scale


def comparison_label(comparison: Comparison) -> str:
    """What the comparison is called in a list of several."""
    if comparison.label:
        return comparison.label
    minuend, subtrahend = comparison.minuend, comparison.subtrahend
    if subtrahend is None:
        return f"{minuend.method}{_conditions(minuend, None)} against {_reference(comparison)}"
    first = f"{minuend.method}{_conditions(minuend, subtrahend)}"
    second = f"{subtrahend.method}{_conditions(subtrahend, minuend)}"
    shared = {name: value for name, value in minuend.where.items() if subtrahend.where.get(name) == value}
    return f"{first} against {second}" + (f", both{_listed(shared)}" if shared else "")


def effect_sentence(parts: Sequence[Part], word: EffectWord, scale: Scale) -> str:
    """The outcome of the whole claim: its only comparison, or those that decide."""
    if len(parts) == 1:
        return conclude(parts[0].sentence, word, scale)
    counts = [(kind, sum(part.word == kind for part in parts)) for kind in _ORDER]
    tally = ", ".join(f"{kind} {count}" for kind, count in counts if count)
    head = f"{len(parts)} comparisons ({tally}): {word} at {scale} scale."
    lone = word != "fails" and any(part.word == "fails" for part in parts)
    holm = " What fails alone isn't enough after Holm's correction for their number." if lone else ""
    return head + holm + "".join(f" {part.label}: {end(part.sentence)}" for part in _deciding(parts))


def difference_sentence(
    comparison: Comparison, estimate: Estimate, word: EffectWord, unit: str, left_out: Sequence[int]
) -> str:
    """`ENT's error is 2.1 points below BN adaptation's (95 % interval [1.7, 2.5], n = 5 seeds).`"""
    sign = -1 if estimate.mean < 0 else 1
    ends = (estimate.low, estimate.high) if sign > 0 else (-estimate.high, -estimate.low)
    bound = sign * comparison.at_least * (1 if comparison.expected == "positive" else -1)
    decimals = decimals_for(ends, (0.0, bound))
    amount = show_amount(show(abs(estimate.mean), decimals), unit)
    return (
        f"{_minuend(comparison)} is {amount} {_side(sign)} {_reference(comparison)} "
        f"({show_confidence(estimate.confidence)} interval {show_interval(ends, decimals)}, "
        f"n = {estimate.n} seeds{_left_out(left_out, '; {}')}){_expectation(comparison, word, unit)}"
    )


def exact_sentence(comparison: Comparison, exact: float, word: EffectWord, unit: str) -> str:
    """The difference of two deterministic quantities."""
    return _at_every_seed(comparison, exact, unit, "exactly") + (
        f" (deterministic){_expectation(comparison, word, unit)}"
    )


def too_few_sentence(comparison: Comparison, differences: Differences, unit: str) -> str:
    """Why these random differences have no interval: no common seed, one, or no spread at all."""
    left_out = _left_out(differences.left_out, " ({})")
    if not differences.values:
        return (
            f"{_minuend(comparison)} and {_reference(comparison)} have no seed in common{left_out}, "
            f"so run both at the same seeds"
        )
    if len(differences.values) == 1:
        at_seed = _at_every_seed(comparison, differences.values[0], unit, "")
        return f"{at_seed} at a single seed{left_out}, which has no interval, so run more"
    at_seeds = _at_every_seed(comparison, differences.exact, unit, "exactly")
    return f"{at_seeds} at each of {len(differences.values)} seeds{left_out}, and {NO_NOISE}"


_ORDER: tuple[EffectWord, ...] = ("holds", "fails", "inconclusive", "not run")


def _deciding(parts: Sequence[Part]) -> list[Part]:
    """Those that keep the claim from holding; where all hold, the one nearest to not holding."""
    against = [part for part in parts if part.word != "holds"]
    return against or [max(parts, key=_doubt)]


def _doubt(part: Part) -> float:
    return part.estimate.p_value or 0.0 if part.estimate else 0.0


def _at_every_seed(comparison: Comparison, difference: float, unit: str, adverb: str) -> str:
    if difference == 0:
        return f"{_minuend(comparison)} equals {_reference(comparison)}"
    amount = show_amount(show_exact(abs(difference)), unit)
    words = [_minuend(comparison), "is", adverb, amount, _side(difference), _reference(comparison)]
    return " ".join(word for word in words if word)


def _expectation(comparison: Comparison, word: EffectWord, unit: str) -> str:
    """What the claim asked for, wherever the numbers alone don't show that it was met."""
    if word == "holds" and comparison.at_least == 0:
        return ""
    side = "below" if comparison.expected == "negative" else "above"
    size = f"at least {show_amount(show_exact(comparison.at_least), unit)} " if comparison.at_least else ""
    return f", where the claim expects it {size}{side}"


def _side(difference: float) -> str:
    return "below" if difference < 0 else "above"


def _left_out(seeds: Sequence[int], form: str) -> str:
    """`form` around the seeds that lack a partner; nothing where none does."""
    listed = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))} left out for want of a partner"
    return form.format(listed) if seeds else ""


def _minuend(comparison: Comparison) -> str:
    return comparison.minuend_name or (
        f"{comparison.minuend.method}'s {comparison.minuend.metric}"
        + _conditions(comparison.minuend, comparison.subtrahend)
    )


def _reference(comparison: Comparison) -> str:
    if comparison.subtrahend_name:
        return comparison.subtrahend_name
    if comparison.subtrahend is None:
        return show_exact(comparison.constant or 0.0)
    minuend, subtrahend = comparison.minuend, comparison.subtrahend
    metric = f" {subtrahend.metric}" if subtrahend.metric != minuend.metric else ""
    step = f" in {subtrahend.step}" if subtrahend.step != minuend.step else ""
    return f"{subtrahend.method}'s{metric}{step}" + _conditions(subtrahend, minuend)


def _conditions(selection: Selection, other: Selection | None) -> str:
    """The conditions by which a selection differs from the other; all of them where there is no other."""
    elsewhere = other.where if other else {}
    return _listed({name: value for name, value in selection.where.items() if elsewhere.get(name) != value})


def _listed(where: Mapping[str, Scalar | list[Scalar]]) -> str:
    """` at severity 5, corruption fog, frost`, for the end of a name."""
    items = [
        f"{name} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in where.items()
    ]
    return f" at {', '.join(items)}" if items else ""
