"""How a paper's tables.yaml is written: what each table selects, and what it marks as best."""

from __future__ import annotations

from itertools import groupby, pairwise
from pathlib import Path

from pydantic import Field

from common.pages.tables.headers import Better, Column, Group, Header, Row, Where
from common.records.query import Selection
from common.records.schema import Name
from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate


class Table(StrictModel):
    """One table. A cell is the mean over all records that its row and column select, for each seed.

    `better` says which row of a column is marked as its best: the one with the lowest or highest mean, or
    the one whose mean is closest to that of the row `reference`, all to the decimals shown; with `neither`
    none is, as of settings and of counts. The reference itself and the rows listed in `unmarked`, such as
    controls, are never marked and never outdo another row, in any column.
    """

    id: Name
    title: str
    caption: str
    reproduces: str  # "Table 19 of the paper"
    step: Name
    metric: str
    unit: str
    decimals: int = Field(ge=0, le=9)
    better: Better
    reference: Name | None = None  # the id of a row
    unmarked: list[Name] = []  # ids of rows
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

    def better_of(self, column: Column) -> Better:
        """What is better in a column: lower, higher, closest to the reference row, or neither."""
        return column.better or self.better

    def contends(self, row: Row) -> bool:
        """Whether a row may be marked as the best of a column."""
        return row.id != self.reference and row.id not in self.unmarked

    def marked_as(self, column: Column) -> str:
        """What being marked means in a column: 'best', or 'closest to Retrain'."""
        if self.better_of(column) != "closest":
            return "best"
        return "closest to " + next(row.label for row in self.rows if row.id == self.reference)

    @property
    def has_one_metric(self) -> bool:
        """Whether all cells show the metric that the table names."""
        headers: list[Header] = [*self.rows, *self.columns]
        return all(header.metric in (None, self.metric) for header in headers)

    @property
    def has_column_groups(self) -> bool:
        """Whether any column stands under a common header."""
        return any(column.group for column in self.columns)

    @property
    def has_row_groups(self) -> bool:
        """Whether any row stands under a heading."""
        return any(row.group for row in self.rows)

    def column_groups(self) -> list[tuple[Group, list[Column]]]:
        """Runs of neighbouring columns with the same group, in reading order; None where they have none."""
        return [(group, list(columns)) for group, columns in groupby(self.columns, lambda each: each.group)]

    def starts_group(self, column: Column) -> bool:
        """Whether a column is the first of its run, and not the table's first."""
        return any(columns[0] == column for _, columns in self.column_groups()[1:])


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
        _check_marks(table, f"{where}: table '{table.id}'")
        _check_row_groups(table, f"{where}: table '{table.id}'")
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


def _check_marks(table: Table, where: str) -> None:
    """Raise BadInputError for a row that isn't there, and for a reference that is missing or unused."""
    known = [row.id for row in table.rows]
    named = [("reference", table.reference), *(("unmarked", name) for name in table.unmarked)]
    for key, name in named:
        if name is not None and name not in known:
            raise BadInputError(
                f"{where}: '{key}' names a row '{name}', which isn't there.{suggest(name, known)}"
            )
    closest = [column.id for column in table.columns if table.better_of(column) == "closest"]
    if closest and table.reference is None:
        raise BadInputError(
            f"{where}, column '{closest[0]}' marks the row closest to a reference, which isn't named; "
            f"add 'reference: <row>', one of: {', '.join(known)}."
        )
    if table.reference is not None and not closest:
        raise BadInputError(
            f"{where} has the reference '{table.reference}', but no column has 'better: closest'; "
            f"write that, or list the row under 'unmarked' in place of it."
        )


def _check_row_groups(table: Table, where: str) -> None:
    for above, row in pairwise(table.rows):
        if above.group and not row.group:
            raise BadInputError(
                f"{where}, row '{row.id}' has no group but stands below '{above.group}', and would read as "
                f"part of it; give it a group, or move it above the first group."
            )
