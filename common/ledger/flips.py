"""Verdicts that are another word in another tree of results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from common.claims.schema import Estimate, Verdict
from common.strict import StrictModel


class Flip(StrictModel):
    """A claim whose verdict is another word; None where a tree has no verdict on it.

    `restated` says that the claim itself is another: its statement, margin or published number.
    """

    paper: str
    claim: str
    before: str | None
    after: str | None
    sentences: tuple[str | None, str | None]
    estimates: tuple[Estimate | None, Estimate | None]
    restated: bool


def flips(paper: str, before: Mapping[str, Verdict], after: Mapping[str, Verdict]) -> Iterator[Flip]:
    """The claims whose words differ, in their order."""
    for claim in dict.fromkeys((*before, *after)):
        old, new = before.get(claim), after.get(claim)
        words = old.word if old else None, new.word if new else None
        if words[0] != words[1]:
            yield Flip(
                paper=paper,
                claim=claim,
                before=words[0],
                after=words[1],
                sentences=(old.sentence if old else None, new.sentence if new else None),
                estimates=(_estimate(old), _estimate(new)),
                restated=bool(old and new and _statement(old) != _statement(new)),
            )


def _estimate(verdict: Verdict | None) -> Estimate | None:
    return verdict.estimate if verdict else None


def _statement(verdict: Verdict) -> tuple[object, ...]:
    """What a verdict repeats of its claim."""
    labels = [part.label for part in verdict.parts]
    return verdict.kind, verdict.statement, verdict.unit, verdict.margin, verdict.published, labels
