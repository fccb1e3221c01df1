"""How a paper's published.yaml is written, and finding the published number of a cell.

Numbers are kept as the paper prints them, table by table and row by row, so that a person can check
them against the page with one finger.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from common.claims.schema import Published
from common.pages.tables.headers import Column, Header, Row
from common.pages.tables.schema import Table
from common.records.schema import Name, Scalar
from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate


class PublishedRow(StrictModel):
    """One row as printed: its label, its values in the order of the columns, null where blank."""

    id: Name
    label: str
    values: list[float | None]
    plus_minus: list[float | None] | None = None
    n: int | None = None
    protocol: dict[str, Scalar | None] = {}  # facts of this row alone


class PublishedTable(StrictModel):
    """One table as printed, with the protocol facts that hold for all of it."""

    id: Name
    source: str  # "Table 19"
    quoted_from: str | None = None  # where it was read, if not in the paper itself
    plus_minus_means: str | None = None
    n: int | None = None
    protocol: dict[str, Scalar | None] = Field(min_length=1)
    columns: dict[Name, str]  # id -> label as printed, in order
    rows: list[PublishedRow]

    @model_validator(mode="after")
    def _one_value_per_column(self) -> PublishedTable:
        for row in self.rows:
            for numbers in (row.values, row.plus_minus):
                if numbers is not None and len(numbers) != len(self.columns):
                    raise ValueError(
                        f"row '{row.id}' has {len(numbers)} numbers for {len(self.columns)} columns"
                    )
        return self

    def number(self, row: PublishedRow, column: str) -> Published | None:
        """The number in a row and column, with all that is known about it; None where blank."""
        place = list(self.columns).index(column)
        value = row.values[place]
        if value is None:
            return None
        return Published(
            value=value,
            source=f"{self.source}, row {row.label}, column {self.columns[column]}",
            plus_minus=row.plus_minus[place] if row.plus_minus else None,
            plus_minus_means=self.plus_minus_means,
            n=self.n if row.n is None else row.n,
            quoted_from=self.quoted_from,
            protocol={**self.protocol, **row.protocol},
        )


class PublishedTables(StrictModel):
    """The whole of a paper's published.yaml."""

    tables: list[PublishedTable]


def read_published(root: Path, paper: str) -> list[PublishedTable]:
    """Read papers/<paper>/published.yaml; empty where there is none. Raises BadInputError."""
    path = root / "papers" / paper / "published.yaml"
    if not path.is_file():
        return []
    return validate(PublishedTables, read_yaml(path), str(path.relative_to(root))).tables


def find_published(sources: list[PublishedTable], table: Table) -> PublishedTable | None:
    """The printed table that `table` names, after checking that the links of its rows and columns exist."""
    if table.published is None:
        return None
    printed = {source.id: source for source in sources}.get(table.published)
    if printed is None:
        known = [source.id for source in sources]
        raise BadInputError(
            f"Table '{table.id}' stands beside '{table.published}', which published.yaml lacks."
            + suggest(table.published, known)
        )
    _check_links(table.rows, [row.id for row in printed.rows], f"Table '{table.id}', row")
    _check_links(table.columns, list(printed.columns), f"Table '{table.id}', column")
    return printed


def published_number(printed: PublishedTable | None, row: Row, column: Column) -> Published | None:
    """The published number of a cell; None where the paper prints none."""
    if printed is None:
        return None
    rows = {found.id: found for found in printed.rows}
    found = rows.get(row.published or row.id)
    place = column.published or column.id
    return printed.number(found, place) if found and place in printed.columns else None


def _check_links(headers: list[Row] | list[Column], known: list[str], what: str) -> None:
    linked: list[Header] = [header for header in headers if header.published is not None]
    for header in linked:
        if header.published not in known:
            raise BadInputError(
                f"{what} '{header.id}' is linked to '{header.published}', which published.yaml lacks."
                + suggest(str(header.published), known)
            )
    if not linked and not {header.id for header in headers} & set(known):
        raise BadInputError(f"{what}s share no id with published.yaml; known there: {', '.join(known)}.")
