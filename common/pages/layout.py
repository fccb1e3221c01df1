"""Where the files that pages read and write lie, relative to the root of the repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.records.schema import Scale


@dataclass(frozen=True)
class Layout:
    """The paths of one paper at one scale."""

    root: Path
    scale: Scale
    paper: str

    @property
    def definitions(self) -> Path:
        """The folder of what was published and how it is shown."""
        return self.root / "papers" / self.paper

    @property
    def results(self) -> Path:
        """The folder of all that was produced at this scale."""
        return self.root / "results" / self.scale / self.paper

    @property
    def records(self) -> Path:
        """The collected records."""
        return self.results / "records.jsonl"

    @property
    def verdicts(self) -> Path:
        """The verdicts on the paper's claims."""
        return self.results / "verdicts.json"

    def table(self, table: str, kind: str) -> Path:
        """One file of a table; `kind` is md, tex or csv."""
        return self.results / "tables" / f"{table}.{kind}"

    def figure(self, figure: str, kind: str) -> Path:
        """One file of a figure; `kind` is svg, pdf, png or json."""
        return self.results / "figures" / f"{figure}.{kind}"

    @property
    def report(self) -> Path:
        """The typeset report."""
        return self.results / "report.pdf"

    @property
    def site(self) -> Path:
        """The folder of the paper's pages."""
        return self.root / "site" / self.scale / self.paper

    @property
    def summary(self) -> Path:
        """The few facts about the paper that the front page needs."""
        return self.site / "summary.json"

    @property
    def front(self) -> Path:
        """The front page, shared by all papers at this scale."""
        return self.root / "site" / self.scale / "index.html"

    @property
    def catalogue(self) -> Path:
        """The page of all papers on the list."""
        return self.front.with_name("catalogue.html")
