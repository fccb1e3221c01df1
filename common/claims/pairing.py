"""Pairing two sides of a comparison by seed into differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.claims.quantities import SeedValues, common_seeds
from common.stats.samples import ROUNDING


@dataclass(frozen=True)
class Differences:
    """`first - times * second` at each common seed.

    `magnitude` is the size of the largest number that entered; `left_out` the seeds that a side lacks.
    Deterministic differences are one exact number, which no repetition changes.
    """

    first: list[float]
    second: list[float]
    times: float
    magnitude: float
    deterministic: bool
    left_out: list[int]

    @property
    def values(self) -> list[float]:
        """The differences in the order of their seeds."""
        return [a - self.times * b for a, b in zip(self.first, self.second, strict=True)]

    @property
    def exact(self) -> float:
        """The one difference of deterministic quantities; what is only rounding counts as zero."""
        difference = self.values[0]
        return difference if abs(difference) > ROUNDING * self.magnitude else 0.0

    @property
    def means(self) -> tuple[float, float]:
        """The mean of each side over the common seeds."""
        return sum(self.first) / len(self.first), sum(self.second) / len(self.second)


def against_constant(minuend: SeedValues, constant: float, left_out: Sequence[int] = ()) -> Differences:
    """The differences to a number that the claim itself names."""
    first = minuend.values
    magnitude = max(minuend.magnitude, abs(constant))
    return Differences(first, [constant] * len(first), 1.0, magnitude, minuend.deterministic, list(left_out))


def against_other(minuend: SeedValues, subtrahend: SeedValues, times: float = 1.0) -> Differences:
    """The differences at the seeds that both have: a deterministic side pairs with each seed of the other."""
    seeds, left_out = common_seeds([minuend, subtrahend])
    return Differences(
        first=[minuend.at(seed) for seed in seeds],
        second=[subtrahend.at(seed) for seed in seeds],
        times=times,
        magnitude=max(minuend.magnitude, times * subtrahend.magnitude),
        deterministic=minuend.deterministic and subtrahend.deterministic,
        left_out=left_out,
    )
