"""The five links behind a table cell: data, runs, cell, published number, verdicts; and how it was made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Literal

from common.pages.files import copy_if_changed, write_if_changed
from common.pages.layout import Layout
from common.pages.recorded import machine_label
from common.pages.site.claims import ClaimIndex, Use
from common.pages.site.curve_plot import CurvePlot, plot_curves
from common.pages.site.making import Making, Makings
from common.pages.site.run_browser import run_filter, runs_filter
from common.pages.tables.cells import Cell
from common.pages.tables.regenerated import RegeneratedTable, Section
from common.records.collected import Line
from common.records.query import Selection, values_by_seed
from common.strict import BadInputError


@dataclass(frozen=True)
class DataLink:
    """A data set's hash as the runs saw it, and whether the committed manifest agrees."""

    name: str
    hash: str
    manifest: Literal["agrees", "differs", "absent"]
    href: str


@dataclass(frozen=True)
class RunLink:
    """One record: where its copy lies, relative to the page, and what it says."""

    href: str
    identity: str
    condition: str
    value: float
    search: str  # what finds it in MLflow


@dataclass(frozen=True)
class SeedLink:
    """All records of one seed, and the facts they share."""

    seed: int
    value: float | None
    runs: list[RunLink]
    codes: list[str]
    commits: list[str]
    machine: str
    seconds: float
    memory_mib: float | None  # the most that one of them held
    finished: str


@dataclass(frozen=True)
class Chain:
    """Everything behind one cell, between its neighbours; `search` finds its runs in MLflow's `track`."""

    anchor: str
    previous: str | None
    following: str | None
    section: Section
    cell: Cell
    data: list[DataLink]
    seeds: list[SeedLink]
    curves: list[CurvePlot]
    making: Making | None
    uses: list[Use]
    track: str
    search: str

    @property
    def has_memory(self) -> bool:
        """Whether memory was measured in any of the runs."""
        return any(seed.memory_mib is not None for seed in self.seeds)

    @property
    def has_machines(self) -> bool:
        """Whether the seeds ran on different machines."""
        return len({seed.machine for seed in self.seeds}) > 1


@dataclass(frozen=True)
class Group:
    """Neighbouring cells of a table that were made in the same way, which is then said once."""

    anchor: str
    making: Making | None
    chains: list[Chain]


class RecordCopies:
    """Copies of records and manifests inside the site, so that the site stands alone."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._links: dict[tuple[str, str], RunLink] = {}

    def link(self, section: Section, run: Line, selection: Selection) -> RunLink:
        """The link to a record, after writing its copy once."""
        href = f"records/{section.id}/{_inside_records(run.path)}"
        metric = selection.metric
        if (href, metric) not in self._links:
            write_if_changed(self._layout.site / href, (run.record.model_dump_json(indent=1) + "\n").encode())
            condition = ", ".join(f"{name} {value}" for name, value in run.record.condition.items())
            [value] = values_by_seed([run.record], selection).values()
            identity = run.record.identity()
            self._links[href, metric] = RunLink(href, identity, condition, value, run_filter(identity))
        return self._links[href, metric]

    def data(self, name: str, content_hash: str) -> DataLink:
        """The link to a data set's manifest, after copying it."""
        manifest = self._layout.root / "data" / "manifests" / f"{name}.json"
        if not manifest.is_file():
            return DataLink(name, content_hash, "absent", "")
        href = f"manifests/{name}.json"
        copy_if_changed(manifest, self._layout.site / href)
        agrees = json.loads(manifest.read_text()).get("content_hash") == content_hash
        return DataLink(name, content_hash, "agrees" if agrees else "differs", href)


def anchor(section: Section, cell: Cell) -> str:
    """The cell's id on its provenance page."""
    return cell.id if section.id == "here" else f"{section.id}--{cell.id}"


class Tracer:
    """Traces the cells of one paper's tables."""

    def __init__(self, layout: Layout, index: ClaimIndex) -> None:
        self._index = index
        self._copies = RecordCopies(layout)
        self._makings = Makings(layout.root, layout.paper)

    def trace(self, table: RegeneratedTable) -> list[Group]:
        """The chains of all cells of a table, in reading order, in groups that were made alike."""
        places = [anchor(section, cell) for section, cell in table.cells()]
        neighbours = zip([None, *places], [*places[1:], None], strict=False)
        chains = [
            self._chain(section, cell, *between)
            for (section, cell), between in zip(table.cells(), neighbours, strict=True)
        ]
        grouped = [list(group) for _, group in groupby(chains, lambda each: (each.section.id, each.making))]
        return [Group(f"made--{chains[0].anchor}", chains[0].making, chains) for chains in grouped]

    def _chain(self, section: Section, cell: Cell, previous: str | None, following: str | None) -> Chain:
        records = [run.record for run in cell.runs]
        data = sorted({pair for record in records for pair in record.data.items()})
        seeds = sorted({record.seed for record in records})
        return Chain(
            anchor=anchor(section, cell),
            previous=previous,
            following=following,
            section=section,
            cell=cell,
            data=[self._copies.data(name, content_hash) for name, content_hash in data],
            seeds=[_seed_link(section, cell, seed, self._copies) for seed in seeds],
            curves=plot_curves(cell.runs),
            making=self._makings.describe(records),
            uses=self._index.uses(cell),
            track=records[0].track if records else "",
            search=runs_filter(records) if records else "",
        )


def _seed_link(section: Section, cell: Cell, seed: int, copies: RecordCopies) -> SeedLink:
    runs = [run for run in cell.runs if run.record.seed == seed]
    return SeedLink(
        seed=seed,
        value=cell.values.get(seed),
        runs=[copies.link(section, run, cell.selection) for run in runs],
        codes=_distinct(run.record.code for run in runs),
        commits=_distinct(run.record.commit for run in runs),
        machine=machine_label(run.record for run in runs),
        seconds=sum(run.record.cost.seconds for run in runs),
        memory_mib=max(
            (run.record.cost.memory_mib for run in runs if run.record.cost.memory_mib is not None),
            default=None,
        ),
        finished=max(run.record.finished for run in runs),
    )


def _distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _inside_records(path: str) -> Path:
    """The part of a record's path below its `records` folder; refuses to leave it."""
    parts = PurePosixPath(path).parts
    tail = parts[parts.index("records") + 1 :] if "records" in parts else parts
    if not tail or ".." in tail or PurePosixPath(*tail).is_absolute():
        raise BadInputError(
            f"The record path '{path}' leaves the folder of records; collect the records again."
        )
    return Path(*tail)
