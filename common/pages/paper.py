"""What is published: the citation in paper.yaml, the claims, and which papers there are."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from common.claims import reading
from common.claims.schema import Claims
from common.records.schema import Name, Scale
from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate


class Deviation(StrictModel):
    """One way in which this reproduction differs from the paper, and why."""

    what: str
    why: str
    scales: list[Scale] = ["smoke", "quick", "full"]


class Paper(StrictModel):
    """The whole of a paper's paper.yaml."""

    id: Name
    title: str
    authors: list[str] = Field(min_length=1)
    year: int = Field(ge=1900, le=2100)
    venue: str
    # The identifiers alone: 2104.12928 or cs/0112017, and 10.1000/182. All three become addresses.
    arxiv: str | None = Field(default=None, pattern=r"^(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?$")
    doi: str | None = Field(default=None, pattern=r"^10\.\d{4,9}/[!-~]+$")
    code: str | None = Field(default=None, pattern=r"^https?://[!-~]+$")
    track: Name
    summary: str  # one sentence
    deviations: list[Deviation] = []


def find_papers(root: Path) -> list[str]:
    """The ids of all papers, which are the folders of papers/ that hold a paper.yaml."""
    return sorted(path.parent.name for path in (root / "papers").glob("*/paper.yaml"))


def read_paper(root: Path, paper: str) -> Paper:
    """Read papers/<paper>/paper.yaml; raises BadInputError for an unknown paper or a misnamed one."""
    path = root / "papers" / paper / "paper.yaml"
    if not path.is_file():
        raise BadInputError(f"There is no paper '{paper}' in papers/.{suggest(paper, find_papers(root))}")
    found = validate(Paper, read_yaml(path), str(path.relative_to(root)))
    if found.id != paper:
        raise BadInputError(f"papers/{paper}/paper.yaml has id '{found.id}'; set it to '{paper}'.")
    return found


def read_claims(root: Path, paper: str) -> Claims | None:
    """Read papers/<paper>/claims.yaml; None where the paper states no claims yet."""
    path = root / "papers" / paper / "claims.yaml"
    return reading.read_claims(path) if path.is_file() else None
