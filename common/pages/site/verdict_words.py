"""How each verdict word looks: a symbol and a tone, so that colour never speaks alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from common.claims.schema import Verdict


@dataclass(frozen=True)
class Look:
    """The symbol before a word, and the tone that the style sheet colours."""

    symbol: str
    tone: Literal["good", "bad", "unsure", "neutral"]


# in the order in which they are counted on the front page
LOOKS = {
    "reproduced": Look("✓", "good"),
    "holds": Look("✓", "good"),
    "fails": Look("✗", "bad"),
    "differs": Look("≠", "bad"),
    "inconclusive": Look("?", "unsure"),
    "not comparable": Look("⊘", "neutral"),
    "not run": Look("○", "neutral"),
}


def count_words(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How often each word was reached, zeros included."""
    counts = Counter(verdict.word for verdict in verdicts)
    return {word: counts[word] for word in LOOKS}  # type: ignore[index]
