"""How far each paper of the catalogue has come: computed from the repository, never typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from common.pages.catalogue import CataloguedPaper, Feasibility
from common.pages.paper import find_papers
from common.pages.site.entries import Entry
from common.runs.registry import paper_configs

State = Literal[
    "verdicts reached",
    "in progress",
    "not started",
    "needs foundation weights",
    "needs a special data set",
    "not a system",
]

# In the order of the page, each with the symbol before it and the class that the style sheet colours.
STATES: dict[State, tuple[str, str]] = {
    "verdicts reached": ("●", "reached"),
    "in progress": ("◐", "unsure"),
    "not started": ("○", "neutral"),
    "needs foundation weights": ("△", "neutral"),
    "needs a special data set": ("▽", "neutral"),
    "not a system": ("□", "neutral"),
}

# What a paper takes, in words, and its state as long as nobody has begun it.
NEEDS: dict[Feasibility, tuple[str, State]] = {
    "cpu-small": ("a few CPU cores", "not started"),
    "gpu": ("a GPU", "not started"),
    "foundation": ("foundation weights", "needs foundation weights"),
    "special-data": ("a special data set", "needs a special data set"),
    "not-a-system": ("nothing to run", "not a system"),
}


@dataclass(frozen=True)
class Listing:
    """A paper of the catalogue and how far it has come; `entry` is None where papers/ has no folder of it."""

    paper: CataloguedPaper
    state: State
    entry: Entry | None

    @property
    def needs(self) -> str:
        """What it takes to run the paper, in words."""
        return NEEDS[self.paper.feasible][0]

    @property
    def rank(self) -> int:
        """The place of the state among all states."""
        return list(STATES).index(self.state)

    @property
    def page(self) -> str | None:
        """Where the paper's own page lies, seen from the catalogue; None where there is none."""
        return self.entry.page if self.entry else None


def list_papers(root: Path, papers: Sequence[CataloguedPaper], entries: Sequence[Entry]) -> list[Listing]:
    """Every paper of the catalogue with its state, the furthest first, then by title."""
    by_id = {entry.paper.id: entry for entry in entries}
    begun = {*find_papers(root), *paper_configs(root)}
    listings = [_listing(paper, by_id.get(paper.id), paper.id in begun) for paper in papers]
    return sorted(listings, key=lambda listing: (listing.rank, _in_order(listing.paper.title)))


def count_states(listings: Sequence[Listing]) -> dict[State, int]:
    """How many papers are in each state, zeros included."""
    counts = Counter(listing.state for listing in listings)
    return {state: counts[state] for state in STATES}


def _in_order(title: str) -> str:
    """What a title is sorted by: its words, not its quotation marks."""
    return "".join(letter for letter in title.casefold() if letter.isalnum() or letter == " ")


def _listing(paper: CataloguedPaper, entry: Entry | None, begun: bool) -> Listing:
    state = NEEDS[paper.feasible][1]
    if begun:
        state = "verdicts reached" if entry is not None and entry.is_judged else "in progress"
    return Listing(paper, state, entry)
