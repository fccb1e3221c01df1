"""Samples: numbers checked before any statistic is taken of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError

Sample = NDArray[np.float64]

# Means over conditions differ in their last bits with the order of summation; that is no spread.
ROUNDING = 1e-12


def as_sample(values: Sequence[float] | Sample, minimum: int = 2) -> Sample:
    """`values` as a float64 array of shape [n].

    Raises BadInputError where it is not one-dimensional, has fewer than `minimum` values, or holds NaN
    or an infinity.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1:
        raise BadInputError(f"A sample must be one row of numbers, not an array of shape {sample.shape}.")
    if sample.size < minimum:
        raise BadInputError(
            f"{sample.size} value(s) given where at least {minimum} are needed; run more seeds."
        )
    if not np.isfinite(sample).all():
        place = int(np.flatnonzero(~np.isfinite(sample))[0])
        raise BadInputError(
            f"Value {place + 1} of the sample is {sample[place]}, which is not a number to average; "
            f"look at the run behind it."
        )
    return sample


def paired_differences(first: Sequence[float] | Sample, second: Sequence[float] | Sample) -> Sample:
    """`first - second`, pair by pair, shape [n]; raises BadInputError where the lengths differ."""
    left, right = as_sample(first), as_sample(second)
    if left.size != right.size:
        raise BadInputError(
            f"{left.size} and {right.size} values can't be paired; give one of each per seed."
        )
    return left - right


def has_spread(sample: Sample, magnitude: float = 0.0) -> bool:
    """Whether the values differ by more than rounding.

    `magnitude` is the size of the numbers that the sample was computed from, where that is larger
    than the sample's own (a difference of two large numbers carries their rounding).
    """
    largest = max(float(np.abs(sample).max()), magnitude)
    return float(np.ptp(sample)) > ROUNDING * largest


def largest_size(first: Sequence[float] | Sample, second: Sequence[float] | Sample) -> float:
    """The size of the largest number that a difference of the two was computed from."""
    return float(max(np.abs(first).max(), np.abs(second).max()))


def check_share(value: float, name: str) -> None:
    """Raises BadInputError unless `value`, a confidence or an error rate, lies strictly between 0 and 1."""
    if not 0.0 < value < 1.0:
        raise BadInputError(f"{name} is {value}, but it must lie between 0 and 1, such as 0.95 or 0.05.")
