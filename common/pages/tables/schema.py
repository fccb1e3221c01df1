"""How a paper's tables.yaml is written: what each row and column selects."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from common.records.query import Selection
from common.records.schema import Name, Scalar, Scale
from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate

Where = dict[str, Scalar | list[Scalar]]


class Header(StrictModel):
    """A row or a column: a label, and the part of the selection that it adds.

    A column's keys win over its row's, and a row's over the table's; `where` is merged key by key.
    `published` is the id of the row or column in published.yaml, where it isn't the line's own id.
    """

    id: Name
    label: str
    method: Name | None = None
    step: Name | None = None
    metric: str | None = None
    where: Where = {}
    published: Name | None = None


class Row(Header):
    """A row. `scales` are those at which its method is run; at others it is shown as not run."""

    scales: list[Scale] = ["smoke", "quick", "full"]


class Column(Header):
    """A column, which may show another metric than the rest of the table."""

    unit: str | None = None
    decimals: int | None = Field(default=None, ge=0, le=9)
    better: Literal["lower", "higher"] | None = None


class Table(StrictModel):
    """One table. A cell is the mean over all records that its row and column select, for each seed."""

    id: Name
    title: str
    caption: str
    reproduces: str  # "Table 19 of the paper"
    step: Name
    metric: str
    unit: str
    decimals: int = Field(ge=0, le=9)
    better: Literal["lower", "higher"]
    where: Where = {}
    published: Name | None = None  # the id of a table in published.yaml
    rows: list[Row] = Field(min_length=1)
    columns: list[Column] = Field(min_length=1)

    def selection(self, row: Row, column: Column) -> Selection:
        """What one cell selects; raises BadInputError when neither names a method."""
        method = column.method or row.method
        if method is None:
            raise BadInputError(
                f"Table '{self.id}': neither row '{row.id}' nor column '{column.id}' names a method."
            )
        return Selection(
            step=column.step or row.step or self.step,
            method=method,
            metric=column.metric or row.metric or self.metric,
            where={**self.where, **row.where, **column.where},
        )

    def decimals_of(self, column: Column) -> int:
        """Digits shown after the point in a column."""
        return self.decimals if column.decimals is None else column.decimals

    def better_of(self, column: Column) -> Literal["lower", "higher"]:
        """Which direction is better in a column."""
        return column.better or self.better


class Tables(StrictModel):
    """The whole of a paper's tables.yaml."""

    tables: list[Table]


def read_tables(root: Path, paper: str) -> list[Table]:
    """Read papers/<paper>/tables.yaml; empty where there is none. Raises BadInputError on mistakes."""
    path = root / "papers" / paper / "tables.yaml"
    if not path.is_file():
        return []
    where = str(path.relative_to(root))
    tables = validate(Tables, read_yaml(path), where).tables
    _check_unique([table.id for table in tables], f"{where}: table")
    if "index" in {table.id for table in tables}:
        raise BadInputError(f"{where}: a table can't be called 'index', which is the paper's own page.")
    for table in tables:
        _check_unique([row.id for row in table.rows], f"{where}: table '{table.id}', row")
        _check_unique([column.id for column in table.columns], f"{where}: table '{table.id}', column")
    return tables


def find_table(tables: list[Table], name: str, paper: str) -> Table:
    """The table called `name`; raises BadInputError with a suggestion."""
    for table in tables:
        if table.id == name:
            return table
    known = [table.id for table in tables]
    raise BadInputError(f"papers/{paper}/tables.yaml has no table '{name}'.{suggest(name, known)}")


def _check_unique(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise BadInputError(f"{what} '{name}' is defined twice; give each its own id.")
