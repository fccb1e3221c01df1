"""Counts and lists of numbers as they stand in a sentence."""

from __future__ import annotations

from collections.abc import Iterable


def counted(number: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def numbers(values: Iterable[int]) -> str:
    """Numbers in order, runs of three or more as such: `0 to 4, 7, 9`."""
    runs: list[list[int]] = []
    for value in sorted(set(values)):
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    shown = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(shown)


def in_seeds(values: Iterable[int]) -> str:
    """`seed 3`, `seeds 0 to 4`."""
    seeds = list(values)
    return f"{'seed' if len(seeds) == 1 else 'seeds'} {numbers(seeds)}"
