"""Rank agreement: whether two conditions put the same methods first, seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from common.claims.comparison import Ranking
from common.claims.quantities import (
    Obstacle,
    Quantity,
    SeedValues,
    check_same_conditions,
    common_seeds,
    measure,
)
from common.records.schema import Record
from common.stats.samples import ROUNDING

Sides = list[tuple[Quantity, Quantity]]  # one pair per method: under the first condition, under the second


@dataclass(frozen=True)
class Agreement(SeedValues):
    """Spearman's rank correlation by seed; `left_out` holds the seeds that some method lacks."""

    left_out: list[int]


def measure_agreement(records: Sequence[Record], ranking: Ranking) -> Agreement | Obstacle:
    """How alike both conditions rank the methods, at the seeds that every method has under both.

    An Obstacle where a method was not run, or where a seed has nothing to rank since all methods tie.
    Raises BadInputError as `measure`, and where methods or conditions average over different things.
    """
    sides = [(measure(records, one), measure(records, other)) for one, other in ranking.selections()]
    quantities = [quantity for pair in sides for quantity in pair]
    for quantity in quantities:
        if quantity.missing:
            return Obstacle("not run", quantity.missing)
    _check_conditions(sides)
    seeds, left_out = common_seeds(quantities)
    tied = [seed for seed in seeds if _ties(sides, seed)]
    if tied:
        return Obstacle("inconclusive", _tied_sentence(ranking, tied))
    by_seed = {seed: _correlation(*_levels_at(sides, seed)) for seed in seeds}
    deterministic = all(quantity.deterministic for quantity in quantities)
    return Agreement(by_seed, deterministic, magnitude=1.0, left_out=left_out)


def _check_conditions(sides: Sides) -> None:
    """Methods can be ranked, and rankings compared, only where all cover the same conditions."""
    for first, second in sides:
        check_same_conditions(first, second)
        check_same_conditions(sides[0][0], first)
        check_same_conditions(sides[0][1], second)


def _correlation(first: list[int], second: list[int]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(first, second).statistic)


def _ties(sides: Sides, seed: int) -> bool:
    return any(max(levels) == 0 for levels in _levels_at(sides, seed))


def _levels_at(sides: Sides, seed: int) -> tuple[list[int], list[int]]:
    first, second = ([pair[side].at(seed) for pair in sides] for side in (0, 1))
    return _levels(first), _levels(second)


def _levels(values: list[float]) -> list[int]:
    """The place of each value among the distinct ones; values that only rounding parts share a place."""
    distinct = sorted(set(values))
    rounding = ROUNDING * max(map(abs, values))
    levels = {distinct[0]: 0}
    for lower, upper in pairwise(distinct):
        levels[upper] = levels[lower] + (upper - lower > rounding)
    return [levels[value] for value in values]


def _tied_sentence(ranking: Ranking, seeds: list[int]) -> str:
    listed = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
    return (
        f"At {listed} all {len(ranking.methods)} methods have the same {ranking.metric} under one of the "
        f"conditions, so there is nothing to rank"
    )
