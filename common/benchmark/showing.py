"""The tables of a report: as cells, for the terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.benchmark.report import Compared, Measured, Report

if TYPE_CHECKING:
    from rich.console import RenderableType

PAIR_COLUMNS = [
    "benchmark",
    "size",
    "usual way",
    "ours",
    "usual",
    "ours took",
    "times as fast",
    "results differ",
]
LIBRARIES = ("torch", "numpy", "scipy", "torchvision")  # whose versions move most of the times


@dataclass(frozen=True)
class Shown:
    """One table: title, columns, rows of as many cells, and notes below."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str]


def tables(report: Report) -> Iterator[Shown]:
    """The pairs, then each measurement."""
    if report.pairs:
        rows = [_cells(pair) for pair in report.pairs]
        yield Shown("Our way beside the usual one", PAIR_COLUMNS, rows, _remarks(report.pairs))
    for measured in report.measurements:
        yield _shown(measured)


def setting(report: Report) -> str:
    """Where and with what the times were measured."""
    machine = report.machine
    versions = ", ".join(f"{name} {machine.packages[name]}" for name in LIBRARIES if name in machine.packages)
    accelerator = f", {machine.accelerator}" if machine.accelerator else ""
    return (
        f"{machine.processor}, {machine.cores} cores{accelerator}, {machine.system}; "
        f"{report.threads} thread(s); Python {machine.python}, {versions}; commit {report.commit[:12]}. "
        f"Ratios are medians (lowest to highest) of neighbouring timings in this run."
    )


def markdown(report: Report) -> str:
    """The whole report as a page."""
    parts = ["# Benchmarks", setting(report)]
    for table in tables(report):
        parts.append(f"## {table.title}")
        if table.rows:
            lines = [table.columns, ["---"] * len(table.columns), *table.rows]
            parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
        parts += table.notes
    return "\n\n".join([*parts, *(f"**Error.** {error}" for error in report.errors())]) + "\n"


def for_terminal(report: Report) -> Iterator[RenderableType]:
    """The same for rich to print."""
    from rich.table import Table
    from rich.text import Text

    for shown in tables(report):
        table = Table(title=shown.title, title_justify="left", title_style="bold")
        for column in shown.columns:
            table.add_column(column)
        for row in shown.rows:
            table.add_row(*map(Text, row))
        yield table if shown.rows else Text(shown.title, style="bold")
        yield from (Text(note) for note in shown.notes)
    yield Text(setting(report))


def _remarks(pairs: Sequence[Compared]) -> list[str]:
    """One line for each remark, with the pairs that share it."""
    names: dict[str, dict[str, None]] = {}
    for pair in pairs:
        names.setdefault(pair.remark, {})[pair.name] = None
    return [f"{', '.join(those)}: {remark}" for remark, those in names.items() if remark]


def _cells(pair: Compared) -> list[str]:
    times = pair.times
    head = [pair.name, f"{pair.size:,} {pair.unit}", pair.usual, pair.ours]
    if times is None:
        return [*head, *["not timed"] * 3, f"ERROR: {pair.difference}"]
    ratio = f"{times.ratio:.3g} ({times.lowest:.3g} to {times.highest:.3g})"
    return [*head, _duration(times.usual_seconds), _duration(times.ours_seconds), ratio, pair.difference]


def _shown(measured: Measured) -> Shown:
    columns = list(measured.rows[0]) if measured.rows else []
    rows = [[_cell(row[column]) for column in columns] for row in measured.rows]
    return Shown(
        f"{measured.name}: {measured.about}", columns, rows, [measured.remark] * bool(measured.remark)
    )


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _duration(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"
