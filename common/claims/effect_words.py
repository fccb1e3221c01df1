"""The sentence of an effect verdict, from the outcomes of its comparisons."""

from __future__ import annotations

from collections.abc import Sequence

from common.claims.schema import EffectWord, Part
from common.claims.wording import conclude, end
from common.records.schema import Scale


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


_ORDER: tuple[EffectWord, ...] = ("holds", "fails", "inconclusive", "not run")


def _deciding(parts: Sequence[Part]) -> list[Part]:
    """Those that keep the claim from holding; where all hold, the one nearest to not holding."""
    against = [part for part in parts if part.word != "holds"]
    return against or [max(parts, key=_doubt)]


def _doubt(part: Part) -> float:
    return part.estimate.p_value or 0.0 if part.estimate else 0.0
