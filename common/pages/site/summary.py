"""What a paper's runs cost, and how much of it was run: the few facts that the front page needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.pages.layout import Layout
from common.pages.recorded import machine_label
from common.pages.tables.regenerated import RegeneratedTable
from common.records.collected import Line
from common.records.schema import Name, Scale
from common.strict import StrictModel, read_json, validate


class Summary(StrictModel):
    """Written by a paper's page, read by the front page, so that the front page reads no records."""

    paper: Name
    scale: Scale
    runs: int
    processor_seconds: float  # summed over cores: core-seconds
    seconds: float  # wall clock, summed over runs as if one followed the other
    memory_mib: float | None = None  # the most that one process held; None where no run measured it
    energy_joules: float | None = None  # of all runs; None where one of them didn't measure it
    machine: str
    commits: list[str]
    finished: str | None  # the last run, ISO 8601, UTC
    cells: int
    cells_absent: int
    figures: int
    figures_absent: int


def summarise(
    layout: Layout,
    collected: Sequence[Line],
    tables: Sequence[RegeneratedTable],
    drawn: Sequence[bool],
) -> Summary:
    """Add up the cost of all runs and count what is missing; `drawn` says so for each figure."""
    records = [item.record for item in collected]
    costs = [record.cost for record in records]
    cells = [cell for table in tables for _, cells in table.sections[0].rows for cell in cells]
    return Summary(
        paper=layout.paper,
        scale=layout.scale,
        runs=len(records),
        processor_seconds=sum(cost.processor_seconds for cost in costs),
        seconds=sum(cost.seconds for cost in costs),
        memory_mib=max((cost.memory_mib for cost in costs if cost.memory_mib is not None), default=None),
        energy_joules=sum_of_all([cost.energy_joules for cost in costs]),
        machine=machine_label(records),
        commits=sorted({record.commit for record in records}),
        finished=max((record.finished for record in records), default=None),
        cells=len(cells),
        cells_absent=sum(cell.absent is not None for cell in cells),
        figures=len(drawn),
        figures_absent=list(drawn).count(False),
    )


def read_summary(layout: Layout) -> Summary | None:
    """Read a paper's summary; None where its page hasn't been made."""
    if not layout.summary.is_file():
        return None
    written = read_json(layout.summary, "Delete it and run the paper again.")
    return validate(Summary, written, str(layout.summary))


def sum_of_all(values: Iterable[float | None]) -> float | None:
    """The sum of some measurements; None where one is missing, or there are none."""
    known = list(values)
    measured = [value for value in known if value is not None]
    return sum(measured) if known and len(measured) == len(known) else None
