"""Means of normal samples by Student's t: the one place where its formulas stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.stats.samples import Sample, as_sample, check_share, has_spread, largest_size, paired_differences


@dataclass(frozen=True)
class MeanEstimate:
    """A mean, its standard error, and the degrees of freedom behind that error.

    (mean - truth) / standard_error follows Student's t distribution (Student, "The probable error of a
    mean", Biometrika 1908) where the values are independent and normal.

    A standard error of zero says that the sample has no spread: random values that agree to the last
    digit show that the noise was not seen, not that there is none. The interval is then the point
    itself, and every p-value is 1: no spread is no evidence. Callers must ask `has_spread`.
    """

    mean: float
    standard_error: float
    degrees_of_freedom: int
    n: int

    @property
    def has_spread(self) -> bool:
        """Whether the sample can say anything about its own noise."""
        return self.standard_error > 0.0

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """mean ± t(df; (1 + confidence) / 2) · standard error: covers the true mean that often."""
        from scipy.special import stdtrit

        check_share(confidence, "The confidence")
        quantile = float(stdtrit(self.degrees_of_freedom, 0.5 + confidence / 2))
        return self.mean - quantile * self.standard_error, self.mean + quantile * self.standard_error

    def p_below(self, bound: float) -> float:
        """One-sided p-value for "the true mean is below `bound`": P(T <= (mean - bound) / error)."""
        from scipy.special import stdtr

        if not self.has_spread:
            return 1.0
        return float(stdtr(self.degrees_of_freedom, (self.mean - bound) / self.standard_error))

    def p_above(self, bound: float) -> float:
        """One-sided p-value for "the true mean is above `bound`"."""
        return MeanEstimate(-self.mean, self.standard_error, self.degrees_of_freedom, self.n).p_below(-bound)

    def p_different(self, bound: float) -> float:
        """Two-sided p-value for "the true mean is not `bound`"."""
        return min(1.0, 2.0 * min(self.p_below(bound), self.p_above(bound)))

    def minus(self, value: float, standard_error: float = 0.0, n: int | None = None) -> MeanEstimate:
        """The difference to a published mean: an exact number, or one with a standard error from `n` runs.

        Errors add in squares. The degrees of freedom are those of the smaller sample, min(n1, n2) - 1,
        and not Welch's: with Welch's the t test is too liberal for a few very unequal seeds, with
        these its error rate never exceeds the nominal one (Hsu, "Contribution to the theory of
        Student's t-test as applied to the problem of two samples", 1938; Mickey and Brown,
        "Bounds on the distribution functions of the Behrens-Fisher statistic", 1966).
        """
        freedom = self.degrees_of_freedom
        if standard_error > 0 and n is not None:
            freedom = min(freedom, n - 1)
        error = math.hypot(self.standard_error, standard_error) if self.has_spread else 0.0
        return MeanEstimate(self.mean - value, error, freedom, self.n)


def estimate_mean(values: Sequence[float] | Sample, magnitude: float = 0.0) -> MeanEstimate:
    """Mean of `values` (shape [n], n >= 2), standard error s / sqrt(n), n - 1 degrees of freedom.

    `magnitude` as in `has_spread`. Raises BadInputError for fewer than two values or non-finite ones.
    """
    sample = as_sample(values)
    spread = has_spread(sample, magnitude)
    error = float(np.std(sample, ddof=1)) / math.sqrt(sample.size) if spread else 0.0
    return MeanEstimate(float(np.mean(sample)), error, sample.size - 1, sample.size)


def estimate_difference(first: Sequence[float] | Sample, second: Sequence[float] | Sample) -> MeanEstimate:
    """Mean of `first - second`, paired by position; raises as `estimate_mean`, and for unequal lengths."""
    return estimate_mean(paired_differences(first, second), largest_size(first, second))
