"""Claims joined to their verdicts, and to the cells whose runs they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.claims.comparison import Comparison, Ranking
from common.claims.reading import read_verdicts
from common.claims.schema import Claim, EffectClaim, Verdict
from common.pages.layout import Layout
from common.pages.paper import read_claims
from common.pages.regeneration import paper_command
from common.pages.tables.cells import Cell
from common.records.collected import Line
from common.records.query import Selection

_EXPLAINED = ("fails", "differs", "inconclusive")


@dataclass(frozen=True)
class JudgedClaim:
    """A claim and what the records of one scale say about it."""

    claim: Claim
    verdict: Verdict

    @property
    def why(self) -> str | None:
        """Why it doesn't come out as stated; None where it does, or where nobody has said."""
        return self.claim.explanation if self.verdict.word in _EXPLAINED else None

    @property
    def why_label(self) -> str:
        """The words before it: an effect is explained by what was seen at quick scale, whichever this is."""
        is_elsewhere = self.claim.kind == "effect" and self.verdict.scale != "quick"
        return "Why, at quick scale" if is_elsewhere else "Why"


@dataclass(frozen=True)
class Use:
    """A claim that uses runs of a cell; `whole` when it uses exactly the cell's runs."""

    verdict: Verdict
    whole: bool


def read_judged_claims(layout: Layout) -> list[JudgedClaim]:
    """All claims in the order of claims.yaml; those without a verdict are 'not run'."""
    claims = read_claims(layout.root, layout.paper)
    if claims is None:
        return []
    verdicts = {verdict.claim: verdict for verdict in _read_verdicts(layout)}
    return [JudgedClaim(claim, verdicts.get(claim.id) or _not_run(claim, layout)) for claim in claims.claims]


def verdicts_on_the_paper(layout: Layout) -> list[Verdict]:
    """The verdicts on what the paper claims; controls, which are questions of ours, are left out."""
    return [item.verdict for item in read_judged_claims(layout) if item.verdict.origin == "paper"]


def selections(claim: Claim) -> list[Selection]:
    """Everything that a claim selects."""
    if not isinstance(claim, EffectClaim):
        return [claim.quantity]
    return [selection for comparison in claim.every for selection in _compared(comparison)]


class ClaimIndex:
    """Finds the claims that use a cell, by the runs that both select."""

    def __init__(self, judged: Sequence[JudgedClaim], collected: Sequence[Line]) -> None:
        self._selected = [
            (item, selection.metric, _paths(selection, collected))
            for item in judged
            for selection in selections(item.claim)
        ]

    def uses(self, cell: Cell) -> list[Use]:
        """Claims on the cell's metric that share a run with it, each once, in order."""
        behind = {run.path for run in cell.runs}
        found: dict[str, Use] = {}
        for item, metric, paths in self._selected:
            if metric == cell.selection.metric and behind & paths:
                earlier = found.get(item.claim.id)
                whole = behind == paths or (earlier is not None and earlier.whole)
                found[item.claim.id] = Use(item.verdict, whole)
        return list(found.values())


def _compared(comparison: Comparison) -> list[Selection]:
    if isinstance(comparison.minuend, Ranking):
        return [selection for pair in comparison.minuend.selections() for selection in pair]
    return [comparison.minuend, *([comparison.subtrahend] if comparison.subtrahend else [])]


def _paths(selection: Selection, collected: Sequence[Line]) -> frozenset[str]:
    return frozenset(item.path for item in collected if selection.matches(item.record))


def _read_verdicts(layout: Layout) -> list[Verdict]:
    if not layout.verdicts.is_file():
        return []
    return read_verdicts(layout.verdicts)


def _not_run(claim: Claim, layout: Layout) -> Verdict:
    return Verdict(
        claim=claim.id,
        kind=claim.kind,
        origin=claim.origin if isinstance(claim, EffectClaim) else "paper",
        statement=claim.statement,
        where=claim.where,
        unit=claim.unit,
        scale=layout.scale,
        word="not run",
        sentence=f"No verdict yet. To reach one: {paper_command(layout.paper, layout.scale)}",
    )
