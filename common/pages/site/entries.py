"""The papers that have been begun, each with its verdicts and what its runs cost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.claims.schema import Verdict
from common.pages.layout import Layout
from common.pages.paper import Paper, find_papers, read_paper
from common.pages.regeneration import paper_command
from common.pages.site.claims import verdicts_on_the_paper
from common.pages.site.summary import Summary, read_summary
from common.pages.site.verdict_words import count_words
from common.records.schema import Scale


@dataclass(frozen=True)
class Entry:
    """One paper with a folder in papers/; `summary` is None where its page hasn't been made."""

    paper: Paper
    verdicts: list[Verdict]  # on what the paper claims
    summary: Summary | None
    command: str  # makes the paper's page

    @property
    def counts(self) -> dict[str, int]:
        """How often each verdict word was reached."""
        return count_words(self.verdicts)

    @property
    def is_judged(self) -> bool:
        """Whether a verdict was reached on at least one claim."""
        return any(verdict.word != "not run" for verdict in self.verdicts)

    @property
    def page(self) -> str | None:
        """Where the paper's page lies, seen from the front page; None where it hasn't been made."""
        return f"{self.paper.id}/index.html" if self.summary else None

    def of_word(self, word: str) -> list[Verdict]:
        """The verdicts that have this word."""
        return [verdict for verdict in self.verdicts if verdict.word == word]

    @property
    def tiles(self) -> list[Verdict]:
        """The verdicts that the front page shows large: on every direction, and on each value compared."""
        return [verdict for verdict in self.verdicts if verdict not in self.undecided_values]

    @property
    def undecided_values(self) -> list[Verdict]:
        """The verdicts on published values that no run of this scale can be compared with."""
        words = ("not comparable", "not run")
        return [verdict for verdict in self.verdicts if verdict.kind == "value" and verdict.word in words]


def read_entries(root: Path, scale: Scale) -> list[Entry]:
    """All papers with a folder in papers/, by track, year and id. Small files alone are read: no records."""
    entries = [_read_entry(Layout(root, scale, paper)) for paper in find_papers(root)]
    return sorted(entries, key=lambda entry: (entry.paper.track, entry.paper.year, entry.paper.id))


def _read_entry(layout: Layout) -> Entry:
    return Entry(
        paper=read_paper(layout.root, layout.paper),
        verdicts=verdicts_on_the_paper(layout),
        summary=read_summary(layout),
        command=paper_command(layout.paper, layout.scale),
    )
