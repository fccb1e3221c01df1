"""What a `benchmarks.py` lists as BENCHMARKS: pairs of ways to one result, and other measurements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, str | float]  # column -> what stands there; floats are shown with three digits


class NotHere(Exception):  # noqa: N818  (nothing is wrong: the machine lacks what is measured)
    """Raised by a measurement that this machine can't make; the message says what it needs."""


@dataclass(frozen=True)
class Ways:
    """Two ways to one result. Each is called many times, so neither may change data that they share."""

    usual: Callable[[], Any]
    ours: Callable[[], Any]


@dataclass(frozen=True)
class Pair:
    """Our way beside the one in which people do it.

    Attributes:
        name: unique among all benchmarks.
        usual: the usual way, in a few words.
        ours: our way, in a few words.
        ways: both, with made-up data of a size; imports what is heavy.
        sizes: each is compared on its own.
        unit: what a size counts.
        tolerance: by how much numbers of the two results may differ; 0 asks for the same.
        remark: why the ratio is what it is, where somebody would ask.
    """

    name: str
    usual: str
    ours: str
    ways: Callable[[int], Ways]
    sizes: Sequence[int]
    unit: str
    tolerance: float = 0.0
    remark: str = ""


@dataclass(frozen=True)
class Measurement:
    """Whatever is no pair of functions: commands, processes, ways of training.

    Attributes:
        name: unique among all benchmarks.
        about: the heading of its table.
        rows: measures, and returns one dictionary per row, with the same columns in each; may raise NotHere.
        remark: what a reader must know of the columns.
    """

    name: str
    about: str
    rows: Callable[[], list[Row]]
    remark: str = ""


Benchmark = Pair | Measurement
