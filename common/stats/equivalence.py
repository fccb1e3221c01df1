"""Equivalence: evidence that a difference is smaller than a margin fixed beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.stats.samples import Sample, check_share
from common.stats.student import MeanEstimate, estimate_difference, estimate_mean
from common.strict import BadInputError


@dataclass(frozen=True)
class Equivalence:
    """Outcome of the two one-sided tests: the difference, its 1 - 2·alpha interval, the larger p-value.

    `equivalent` iff the interval lies inside ±margin, which is the same as p_value < alpha.
    """

    difference: float
    low: float
    high: float
    p_value: float
    n: int
    equivalent: bool


def two_one_sided_tests(difference: MeanEstimate, margin: float, alpha: float = 0.05) -> Equivalence:
    """Two one-sided t tests (Schuirmann, "A comparison of the two one-sided tests procedure …", 1987).

    Tests "the true difference is at least `margin` away from zero" at level `alpha`: of differences
    exactly at the margin, at most that share is called equivalent. A difference without spread never is.
    Raises BadInputError unless margin > 0 and 0 < alpha < 0.5.
    """
    check_share(2 * alpha, "Twice alpha")
    if not margin > 0:
        raise BadInputError(f"The margin is {margin}, but an equivalence margin must be above 0.")
    low, high = difference.interval(1 - 2 * alpha)
    p_value = max(difference.p_below(margin), difference.p_above(-margin))
    return Equivalence(difference.mean, low, high, p_value, difference.n, equivalent=p_value < alpha)


def equivalent_to_value(
    values: Sequence[float] | Sample, target: float, margin: float, alpha: float = 0.05
) -> Equivalence:
    """Whether the mean of `values` lies within `margin` of the exact number `target`."""
    return two_one_sided_tests(estimate_mean(values).minus(target), margin, alpha)


def equivalent_pairs(
    first: Sequence[float] | Sample, second: Sequence[float] | Sample, margin: float, alpha: float = 0.05
) -> Equivalence:
    """Whether the mean of `first - second`, paired by position, lies within `margin` of zero."""
    return two_one_sided_tests(estimate_difference(first, second), margin, alpha)
