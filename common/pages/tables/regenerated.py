"""A whole table made from records: its sections, the best of each column, and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from common.claims.protocols import Facts
from common.pages.recorded import Recorded, date_label, machine_label
from common.pages.tables.cells import Cell, Place, fill_cell
from common.pages.tables.comparison import describe
from common.pages.tables.headers import Group, Row
from common.pages.tables.marking import mark_best
from common.pages.tables.published import PublishedTable
from common.pages.tables.schema import Table
from common.pages.tables.spelling import check_known
from common.records.collected import Line
from common.records.schema import Scale


@dataclass(frozen=True)
class Section:
    """Rows made from one set of records: those of this scale, or a committed file."""

    id: str
    heading: str
    scale: Scale
    rows: list[tuple[Row, list[Cell]]]

    def row_groups(self) -> list[tuple[Group, list[tuple[Row, list[Cell]]]]]:
        """Runs of neighbouring rows with the same group, in reading order; None where they have none."""
        return [(group, list(rows)) for group, rows in groupby(self.rows, lambda each: each[0].group)]


@dataclass(frozen=True)
class RegeneratedTable:
    """A table with its sections; `notes` maps a mark to why a published number isn't comparable."""

    paper: str
    scale: Scale
    table: Table
    sections: list[Section]
    notes: dict[str, str]

    def cells(self) -> list[tuple[Section, Cell]]:
        """All cells in reading order."""
        return [(section, cell) for section in self.sections for _, cells in section.rows for cell in cells]

    @property
    def has_published(self) -> bool:
        """Whether any cell stands beside a published number."""
        return any(cell.published for _, cell in self.cells())

    @property
    def was_run(self) -> bool:
        """Whether any cell has a number of ours."""
        return any(cell.values for _, cell in self.cells())

    def mark(self, cell: Cell) -> str:
        """The mark of the note that explains why this cell isn't comparable; '' where it is."""
        sentence = _note(cell.differing)
        return next((mark for mark, note in self.notes.items() if note == sentence), "")

    def repetitions(self) -> str:
        """How many seeds stand behind the cells that were run, in words."""
        counts = sorted({len(cell.values) for _, cell in self.cells() if cell.values})
        least, most = counts[0], counts[-1]
        span = str(least) if least == most else f"{least} to {most}"
        return f"{span} seed{'' if most == 1 else 's'}"


@dataclass(frozen=True)
class Sources:
    """What a table is made from."""

    paper: str
    scale: Scale
    runs: Sequence[Line]
    recorded: Sequence[Recorded] = ()


def regenerate(table: Table, printed: PublishedTable | None, sources: Sources) -> RegeneratedTable:
    """Fill all cells of `table`; raises BadInputError for a method, condition or metric that isn't known."""
    for row in table.rows:
        for column in table.columns:
            check_known(table, row, column, sources.scale, sources.runs)
    sections = [_section(table, printed, sources.runs, sources.scale, "here")]
    for recorded in sources.recorded:
        section = _section(table, printed, recorded.runs, recorded.scale, recorded.name)
        rows = [(row, cells) for row, cells in section.rows if any(cell.values for cell in cells)]
        if rows:
            sections.append(replace(section, rows=rows))
    return RegeneratedTable(sources.paper, sources.scale, table, sections, _notes(sections))


def _section(
    table: Table, printed: PublishedTable | None, runs: Sequence[Line], scale: Scale, name: str
) -> Section:
    columns = [
        mark_best(
            [fill_cell(Place(table, row, column, scale, printed), runs) for row in table.rows], table, column
        )
        for column in table.columns
    ]
    rows = [(row, [column[place] for column in columns]) for place, row in enumerate(table.rows)]
    used = [run.record for column in columns for cell in column for run in cell.runs]
    origin = "made here" if name == "here" else "recorded"
    facts = f"{origin} on {machine_label(used)}, {date_label(used)}" if used else "not run"
    return Section(name, f"{scale.capitalize()} scale, {facts}", scale, rows)


def _notes(sections: list[Section]) -> dict[str, str]:
    """One lettered note for each different reason, in reading order."""
    cells = [cell for section in sections for _, row in section.rows for cell in row]
    sentences = dict.fromkeys(_note(cell.differing) for cell in cells if cell.differing)
    return {_letter(place): sentence for place, sentence in enumerate(sentences)}


def _note(differing: Facts) -> str:
    return f"not comparable: {describe(differing)}." if differing else ""


def _letter(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else _letter(place // 26 - 1) + _letter(place % 26)
