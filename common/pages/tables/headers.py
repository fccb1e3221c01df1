"""The rows and columns of a table in tables.yaml: what each selects, and under which heading it stands."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from common.records.schema import Name, Scalar, Scale
from common.strict import StrictModel

Where = dict[str, Scalar | list[Scalar]]
Better = Literal["lower", "higher", "closest", "neither"]
Group = str | None


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
    """A row. `scales` are those at which its method is run; at others it is shown as not run.

    Neighbouring rows of the same `group` stand under a heading with its words. Rows without a group come
    first, as a row below a heading would read as part of it.
    """

    scales: list[Scale] = ["smoke", "quick", "full"]
    group: Group = Field(default=None, min_length=1)


class Column(Header):
    """A column, which may show another metric than the rest of the table.

    Neighbouring columns of the same `group` share a header above their own, such as the forget set that
    all of them were measured on. A column whose numbers the paper doesn't print has no `published`.
    """

    unit: str | None = None
    decimals: int | None = Field(default=None, ge=0, le=9)
    better: Better | None = None
    group: Group = Field(default=None, min_length=1)

    @property
    def heading(self) -> str:
        """The label, with the column's own unit where it has one."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    @property
    def full_label(self) -> str:
        """The label as it reads away from the table, after the words of its group."""
        return f"{self.group}: {self.label}" if self.group else self.label
