"""Spread over seeds: which of two quantities varies more."""

from __future__ import annotations

from statistics import median

from common.claims.quantities import SeedValues
from common.stats.samples import ROUNDING

# Three distances from their own median can never leave a 95 % t interval that excludes zero, and four, of
# which two are always equal, do so by chance in 3 to 4 % of cases on each side instead of 2.5 %.
LEAST_SEEDS = 5


def distances_from_median(side: SeedValues) -> SeedValues:
    """|value - median over seeds| at each seed: 0 throughout for a side that is the same at every seed.

    The mean of paired differences of such distances is what Levene's test compares, in the form that takes
    the median for the centre (Brown and Forsythe, "Robust tests for the equality of variances", 1974), with
    the seeds as pairs in place of two independent samples. One of an odd number of distances is always 0,
    so that few seeds decide seldom: of five, 1 % or less on each side where the spreads are equal, and 24 %
    where one side doesn't vary at all (normal values).
    """
    centre = median(side.values) if side.by_seed else 0.0
    distances = {seed: abs(value - centre) for seed, value in side.by_seed.items()}
    rounding = ROUNDING * side.magnitude
    by_seed = {seed: distance if distance > rounding else 0.0 for seed, distance in distances.items()}
    return SeedValues(by_seed, side.deterministic, side.magnitude)
