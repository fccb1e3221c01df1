"""Pairing two quantities by seed into differences."""

from __future__ import annotations

from dataclasses import dataclass

from common.claims.quantities import Quantity, check_same_conditions
from common.stats.samples import ROUNDING


@dataclass(frozen=True)
class Differences:
    """`minuend - reference` at each common seed.

    `magnitude` is the size of the largest number that entered; `left_out` the seeds that one side lacks.
    Deterministic differences are one exact number, which no repetition changes.
    """

    values: list[float]
    magnitude: float
    deterministic: bool
    left_out: list[int]

    @property
    def exact(self) -> float:
        """The one difference of deterministic quantities; what is only rounding counts as zero."""
        difference = self.values[0]
        return difference if abs(difference) > ROUNDING * self.magnitude else 0.0


def against_constant(minuend: Quantity, constant: float) -> Differences:
    """The differences to a number that the claim itself names."""
    return _differences(minuend.values, [constant] * len(minuend.values), minuend.deterministic, [])


def against_quantity(minuend: Quantity, subtrahend: Quantity) -> Differences:
    """The differences at the seeds that both have.

    A deterministic side has the same value at every seed, so it pairs with each seed of the other.
    Raises BadInputError where the two cover different conditions.
    """
    check_same_conditions(minuend, subtrahend)
    if minuend.deterministic and subtrahend.deterministic:
        return _differences(minuend.values[:1], subtrahend.values[:1], True, [])
    if subtrahend.deterministic:
        return against_constant(minuend, subtrahend.values[0])
    if minuend.deterministic:
        constant = [minuend.values[0]] * len(subtrahend.values)
        return _differences(constant, subtrahend.values, False, [])
    common = sorted(minuend.by_seed.keys() & subtrahend.by_seed.keys())
    left_out = sorted(minuend.by_seed.keys() ^ subtrahend.by_seed.keys())
    first, second = ([side.by_seed[seed] for seed in common] for side in (minuend, subtrahend))
    return _differences(first, second, False, left_out)


def _differences(
    first: list[float], second: list[float], deterministic: bool, left_out: list[int]
) -> Differences:
    magnitude = max((abs(value) for value in [*first, *second]), default=0.0)
    values = [a - b for a, b in zip(first, second, strict=True)]
    return Differences(values, magnitude, deterministic, left_out)
