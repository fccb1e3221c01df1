"""What a reader asks about, by its name: a table, one of its cells, a figure or a claim of a paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.claims.schema import Claim
from common.ledger.cell_subject import cell_facts, find_cell
from common.pages.figures.module import find_figures
from common.pages.layout import Layout
from common.pages.paper import read_claims, read_paper
from common.pages.regeneration import figure_command, table_command, verdicts_command
from common.pages.site.claims import selections
from common.pages.tables.published import find_published, read_published
from common.pages.tables.schema import Table, read_tables
from common.records.query import Selection
from common.strict import BadInputError, suggest


@dataclass(frozen=True)
class Subject:
    """What is asked about.

    Attributes:
        name: in words, such as "table main, cell ent--fog".
        facts: what defines it, line by line: a heading and what stands beside it.
        selections: what it selects of the records; None where it is made of all of them.
        file: what it is written to, relative to the root.
        command: makes it again.
    """

    name: str
    facts: dict[str, str]
    selections: Sequence[Selection] | None
    file: Path
    command: str


def find_subject(layout: Layout, name: str, cell: str | None = None) -> Subject:
    """The table, figure or claim called `name`, or `tables/<name>` where several share it.

    Raises BadInputError naming the nearest of all that the paper has.
    """
    read_paper(layout.root, layout.paper)
    kind, _, plain = name.rpartition("/")
    known = _known(layout)
    kinds = [each for each in known if kind in ("", each) and plain in known[each]]
    if not kinds:
        raise BadInputError(_unknown(layout.paper, name, known))
    if len(kinds) > 1 and cell is None:
        both = " or ".join(f"{each}/{plain}" for each in kinds)
        raise BadInputError(f"{layout.paper} has {' and '.join(kinds)} called '{plain}'. Type: {both}")
    if cell is not None and "tables" not in kinds:
        raise BadInputError(f"'{cell}' would be a cell, but {kinds[0]}/{plain} has none: only tables do.")
    if "tables" in kinds:
        return _table(layout, next(table for table in _tables(layout) if table.id == plain), cell)
    return _figure(layout, plain) if kinds == ["figures"] else _claim(layout, known["claims"][plain])


def _known(layout: Layout) -> Mapping[str, Mapping[str, Claim | None]]:
    """The kinds of what can be asked about -> the names of each."""
    claims = read_claims(layout.root, layout.paper)
    return {
        "tables": {table.id: None for table in _tables(layout)},
        "figures": dict.fromkeys(find_figures(layout.root, layout.paper)),
        "claims": {claim.id: claim for claim in claims.claims} if claims else {},
    }


def _unknown(paper: str, name: str, known: Mapping[str, Iterable[str]]) -> str:
    names = [each for some in known.values() for each in some]
    qualified = [f"{kind}/{each}" for kind, some in known.items() for each in some]
    return f"{paper} has no table, figure or claim '{name}'." + suggest(
        name, qualified if "/" in name else names
    )


def _tables(layout: Layout) -> list[Table]:
    return read_tables(layout.root, layout.paper)


def _table(layout: Layout, table: Table, name: str | None) -> Subject:
    made = (
        _from_root(layout.table(table.id, "md"), layout),
        table_command(layout.paper, table.id, layout.scale),
    )
    facts = {"defined in": f"papers/{layout.paper}/tables.yaml, table {table.id}: {table.title}"}
    printed = find_published(read_published(layout.root, layout.paper), table)
    if name is not None:
        place = find_cell(table, name)
        facts |= cell_facts(table, place, printed)
        chosen = [table.selection(*place)] if layout.scale in place[0].scales else []
        return Subject(f"table {table.id}, cell {name}", facts, chosen, *made)
    facts["reproduces"] = table.reproduces
    beside = f"papers/{layout.paper}/published.yaml, table {printed.id}: {printed.source}" if printed else ""
    facts["stands beside"] = beside or "no published table"
    rows = [row for row in table.rows if layout.scale in row.scales]
    cells = [table.selection(row, column) for row in rows for column in table.columns]
    return Subject(f"table {table.id}", facts, cells, *made)


def _figure(layout: Layout, name: str) -> Subject:
    facts = {
        "defined in": f"papers/{layout.paper}/figures/{name}.py",
        "is made of": "all records of the paper",
    }
    file = _from_root(layout.figure(name, "svg"), layout)
    return Subject(f"figure {name}", facts, None, file, figure_command(layout.paper, name, layout.scale))


def _claim(layout: Layout, claim: Claim | None) -> Subject:
    assert claim is not None
    facts = {
        "defined in": f"papers/{layout.paper}/claims.yaml, claim {claim.id}",
        "states": claim.statement,
        "stands in": claim.where,
    }
    file = _from_root(layout.verdicts, layout)
    command = verdicts_command(layout.paper, layout.scale)
    return Subject(f"claim {claim.id}", facts, selections(claim), file, command)


def _from_root(path: Path, layout: Layout) -> Path:
    return path.relative_to(layout.root)
