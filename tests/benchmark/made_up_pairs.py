"""A repository with benchmarks, written into a folder."""

from __future__ import annotations

from pathlib import Path

SUMS = """
from common.benchmark.entries import Measurement, NotHere, Pair, Ways


def sums(count):
    return Ways(usual=lambda: sum(range(count)), ours=lambda: count * (count - 1) // 2 + {error})


def lacking():
    raise NotHere("it needs a second moon.")


BENCHMARKS = [
    Pair("{name}", "a loop", "the formula", sums, [10, 1000], "numbers", tolerance={tolerance}),
    Measurement("steps", "what steps take", lambda: [dict(way="a", seconds=1.5), dict(way="b", seconds=0.2)]),
    Measurement("moons", "what moons take", lacking),
]
"""


def write_benchmarks(
    root: Path,
    folder: str = "common/sums",
    name: str = "sum_of_numbers",
    error: float = 0,
    tolerance: float = 0,
) -> None:
    path = root / folder / "benchmarks.py"
    path.parent.mkdir(parents=True)
    path.write_text(SUMS.format(name=name, error=error, tolerance=tolerance))
