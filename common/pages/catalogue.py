"""The list of papers that this repository wants to reproduce, papers/catalogue.tsv: one line each."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from common.records.schema import Name
from common.strict import BadInputError, StrictModel, suggest, validate

CATALOGUE = Path("papers") / "catalogue.tsv"

Feasibility = Literal["cpu-small", "gpu", "foundation", "special-data", "not-a-system"]

# What a paper's line says in place of a track -> what that means.
WITHOUT_TRACK = {
    "no_track_yet": "its problem needs a protocol that the repository doesn't have yet",
    "no_track": "a data set, a survey, a theory, or a problem outside vision: no track is planned for it",
}


class CataloguedPaper(StrictModel):
    """One line of the catalogue; `datasets` and `baselines` are words, empty where they aren't known."""

    id: Name
    title: str = Field(min_length=1)
    system: str = Field(min_length=1)  # what the paper calls what it proposes
    family: str = Field(min_length=1)
    track: Name  # or a key of WITHOUT_TRACK
    feasible: Feasibility
    what: str
    claim: str = Field(min_length=1)
    datasets: str
    baselines: str
    code: str | None = Field(pattern=r"^https?://[!-~]+$")


def read_catalogue(root: Path) -> list[CataloguedPaper]:
    """All papers in the order of the list.

    Raises BadInputError for an unknown or missing column, a broken line, or an id that is listed twice.
    """
    papers: dict[str, CataloguedPaper] = {}
    for place, values in _lines(root / CATALOGUE):
        fields = {**values, "code": values["code"] or None}
        paper = validate(CataloguedPaper, fields, place)
        if paper.id in papers:
            raise BadInputError(
                f"{place}: '{paper.id}' is listed a second time; delete one of the two lines."
            )
        papers[paper.id] = paper
    return list(papers.values())


def tracks_of(papers: list[CataloguedPaper]) -> list[str]:
    """The tracks that the list names, by name."""
    return sorted({paper.track for paper in papers} - set(WITHOUT_TRACK))


def _lines(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each line stands, and its values by column."""
    if not path.is_file():
        raise BadInputError(f"{CATALOGUE} does not exist. Type: git checkout {CATALOGUE}")
    with path.open(newline="") as file:
        # Titles hold quotation marks, which mean nothing here.
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    columns = rows[0] if rows else []
    _check_columns(columns)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(columns):
            raise BadInputError(
                f"{CATALOGUE}, line {number} has {len(row)} values for {len(columns)} columns; "
                "put one tab between two values, also where one is empty."
            )
        yield f"{CATALOGUE}, line {number}", dict(zip(columns, row, strict=True))


def _check_columns(columns: list[str]) -> None:
    known = list(CataloguedPaper.model_fields)
    for column in columns:
        if column not in known:
            raise BadInputError(f"{CATALOGUE} has an unknown column '{column}'.{suggest(column, known)}")
        if columns.count(column) > 1:
            raise BadInputError(f"{CATALOGUE} has the column '{column}' twice; delete one.")
    for column in known:
        if column not in columns:
            raise BadInputError(f"{CATALOGUE} lacks the column '{column}' on its first line.")
