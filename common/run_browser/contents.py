"""What is written for a run, a cell and a paper, before MLflow comes into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from common.records.schema import Scale, content_hash

Origin = Literal["here", "recorded"]


@dataclass(frozen=True)
class Point:
    """One value of a metric; `step` is 0 for a result, the index in its list for a point of a curve."""

    name: str
    value: float
    step: int = 0


@dataclass(frozen=True)
class Run:
    """All that is written for one run but its files."""

    name: str
    tags: dict[str, str]
    params: dict[str, str]
    points: tuple[Point, ...]
    datasets: dict[str, str]  # name -> canonical content hash
    started: int  # milliseconds since 1970, UTC
    ended: int

    def contents(self) -> list[Any]:
        """All of it as JSON; `dataclasses.asdict` would take seconds for the points of long curves."""
        points = [(point.name, point.value, point.step) for point in self.points]
        return [self.name, self.tags, self.params, points, self.datasets, self.started, self.ended]


@dataclass(frozen=True)
class File:
    """An artefact of a run: where it is shown, where it lies, and the hash of its bytes."""

    name: str  # such as tables/main.md
    path: Path
    digest: str


@dataclass(frozen=True)
class Cell:
    """A run with those below it, by seed; `key` tells the cells of an experiment apart."""

    key: str
    run: Run
    records: tuple[Run, ...] = ()
    files: tuple[File, ...] = ()

    def digest(self) -> str:
        """Hash of all contents: a cell in MLflow with the same key and digest needs no writing."""
        files = [[file.name, file.digest] for file in self.files]
        return content_hash([[run.contents() for run in (self.run, *self.records)], files])


@dataclass(frozen=True)
class Scope:
    """What one paper shows from one origin: its cells, and the run of the paper, which comes last.

    Records made here are one scope per scale; those made elsewhere are one scope together.
    """

    paper: str
    track: str
    origin: Origin
    scale: Scale | None
    cells: tuple[Cell, ...]
    summary: Cell | None  # None where there are no records any more

    @property
    def condition(self) -> str:
        """MLflow's filter for all runs of the scope."""
        filters = {"paper": self.paper, "origin": self.origin}
        filters |= {} if self.scale is None else {"scale": self.scale}
        return " and ".join(f"tags.{name} = '{value}'" for name, value in filters.items())

    @property
    def label(self) -> str:
        """The scope in words, for the line that reports on it."""
        return f"{self.paper}, {f'{self.scale} scale' if self.scale else 'recorded elsewhere'}"
