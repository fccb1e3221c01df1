"""The table cells that a built site shows, each with its definition and its panel: read from files alone.

Nothing here imports the code that makes the pages.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.site.page_tree import Element, by_id, read_page

Json = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """The pages of one paper at one scale, what defined them, and all records that they could show."""

    pages: Path  # site/<scale>/<paper>
    definitions: Path  # papers/<paper>
    records: Path  # results/<scale>/<paper>/records.jsonl

    @cached_property
    def tables(self) -> list[Json]:
        return _tables(self.definitions / "tables.yaml")

    @cached_property
    def published(self) -> dict[str, Json]:
        return {table["id"]: table for table in _tables(self.definitions / "published.yaml")}

    @cached_property
    def sections(self) -> dict[str, list[Json]]:
        """Section -> its records: those of this scale, and each committed file by its name and scale."""
        found = defaultdict(list, here=_records(self.records))
        for path in sorted(self.definitions.glob("recorded/*.jsonl")):
            for record in _records(path):
                found[f"{path.stem}_{record['scale']}"].append(record)
        return found

    def read_record(self, href: str) -> Json:
        """A copy inside the site, by the link that leads to it."""
        record: Json = json.loads((self.pages / href).read_text())
        return record


@dataclass(frozen=True)
class Shown:
    """A cell as the paper's page shows it, with the panel that it links to."""

    table: Json
    section: str
    row: Json
    column: Json
    cell: Element
    panel: Element

    @property
    def name(self) -> str:
        return f"{self.table['id']}, {self.section}, {self.row['id']} and {self.column['id']}"

    @property
    def decimals(self) -> int:
        own = self.column.get("decimals")
        return int(self.table["decimals"] if own is None else own)

    def selects(self, record: Json) -> bool:
        """Whether the definition of the table asks for a record in this cell."""
        where = {**self.table.get("where", {}), **self.row.get("where", {}), **self.column.get("where", {})}
        return (
            record["step"] == self._key("step")
            and record["method"] == self._key("method")
            and all(_agrees(record["condition"].get(name), wanted) for name, wanted in where.items())
        )

    def value(self, record: Json) -> float:
        """The number that the cell shows of a record."""
        metric = str(self._key("metric"))
        if not metric.startswith("cost."):
            return float(record["metrics"][metric])
        name = metric.removeprefix("cost.")
        whole = name in ("seconds", "processor_seconds")
        return float(record["cost"][name] if whole else record["cost"]["parts"][name])

    def link(self, heading: str) -> Element:
        """One of the numbered links of the panel's chain."""
        [found] = [
            link for link in self.panel.one("ol", "chain").children if link.one("h3").text() == heading
        ]
        return found

    def seed_lines(self) -> list[Element]:
        """The lines of the panel's table of runs, one per seed."""
        tables = self.panel.all("table", "runs")
        return tables[0].one("tbody").children if tables else []

    def _key(self, name: str) -> Any:
        """A column's key wins over its row's, and that over the table's."""
        return self.column.get(name) or self.row.get(name) or self.table.get(name)


def shown_cells(site: Site) -> Iterator[Shown]:
    """Every cell of every table on the paper's page; AssertionError where it stands in a wrong place."""
    index = by_id(read_page(site.pages / "index.html"))
    for table in site.tables:
        panels = by_id(read_page(site.pages / f"{table['id']}.html"))
        for line in index[f"table-{table['id']}"].one("table", "results").all("tr"):
            for place in range(len(line.all("td"))):
                yield _shown(table, line, place, panels)


def _shown(table: Json, line: Element, place: int, panels: dict[str, Element]) -> Shown:
    cell, column = line.all("td")[place], table["columns"][place]
    page, _, anchor = cell.one("a").attributes["href"].partition("#")
    *section, row_id, column_id = anchor.rsplit("--", 2)
    [row] = [row for row in table["rows"] if row["id"] == row_id]
    assert page == f"{table['id']}.html", f"a cell of {table['id']} leads to {page}"
    assert column["id"] == column_id, f"{anchor} stands in column {column['id']}"
    assert line.one("th").text() == " ".join(row["label"].split()), f"{anchor} stands beside another label"
    return Shown(table, section[0] if section else "here", row, column, cell, panels[anchor])


def _agrees(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list) else value == wanted


def _tables(path: Path) -> list[Json]:
    return list(yaml.safe_load(path.read_text())["tables"]) if path.is_file() else []


def _records(path: Path) -> list[Json]:
    return [json.loads(line)["record"] for line in path.read_text().splitlines()] if path.is_file() else []
