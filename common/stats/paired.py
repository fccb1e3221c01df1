"""Tests of whether two methods differ, on values paired by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from common.stats.samples import Sample, has_spread, largest_size, paired_differences
from common.stats.student import MeanEstimate, estimate_difference
from common.strict import BadInputError

Alternative = Literal["two-sided", "less", "greater"]

# 2 ** 16 sign patterns take a tenth of a second; beyond that the t test is a good approximation.
MOST_SIGN_FLIPS = 16


@dataclass(frozen=True)
class PairedTest:
    """The mean difference `first - second` over `n` pairs, and the p-value of no difference."""

    difference: float
    p_value: float
    n: int
    without_spread: bool


def paired_t_test(
    first: Sequence[float] | Sample,
    second: Sequence[float] | Sample,
    alternative: Alternative = "two-sided",
) -> PairedTest:
    """Student's t on the differences, for normal ones: t = mean · sqrt(n) / s, n - 1 degrees of freedom.

    Differences without spread have p = 1, whatever their size: their noise is unknown. Raises
    BadInputError for unequal lengths, fewer than two pairs, or non-finite values.
    """
    estimate = estimate_difference(first, second)
    return PairedTest(estimate.mean, _t_p_value(estimate, alternative), estimate.n, not estimate.has_spread)


def wilcoxon_test(
    first: Sequence[float] | Sample,
    second: Sequence[float] | Sample,
    alternative: Alternative = "two-sided",
) -> PairedTest:
    """Signed-rank test ("Individual comparisons by ranking methods", 1945): symmetric differences.

    Pairs without a difference are left out; if all are, p = 1. With five pairs its smallest two-sided
    p-value is 1/16. Raises as `paired_t_test`.
    """
    from scipy.stats import wilcoxon

    differences = _without_rounding(first, second)
    p_value = float(wilcoxon(differences, alternative=alternative).pvalue) if differences.any() else 1.0
    return _described(differences, p_value, first, second)


def sign_flip_test(
    first: Sequence[float] | Sample,
    second: Sequence[float] | Sample,
    alternative: Alternative = "two-sided",
) -> PairedTest:
    """Exact permutation test (Fisher, "The Design of Experiments", 1935, section 21).

    Under no difference each sign is a fair coin; the p-value is the share of the 2^n patterns whose mean
    is as extreme as the one seen (two-sided: twice the smaller tail), never below 2^(1 - n). Raises
    BadInputError beyond 16 pairs, and as `paired_t_test`.
    """
    from scipy.stats import permutation_test

    differences = _without_rounding(first, second)
    if differences.size > MOST_SIGN_FLIPS:
        raise BadInputError(f"{differences.size} pairs are too many to try every sign; use paired_t_test.")
    found = permutation_test(
        (differences, np.zeros_like(differences)),
        _mean_difference,
        permutation_type="samples",
        vectorized=True,
        n_resamples=2**differences.size,
        alternative=alternative,
    )
    return _described(differences, float(found.pvalue), first, second)


def _mean_difference(first: Sample, second: Sample, axis: int) -> Any:
    return np.mean(first - second, axis=axis)


def _without_rounding(first: Sequence[float] | Sample, second: Sequence[float] | Sample) -> Sample:
    """The differences, where those that are only rounding are zero: a rank or a sign would blow them up."""
    differences = paired_differences(first, second)
    pairs = np.stack([np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)], axis=1)
    return np.where([has_spread(pair) for pair in pairs], differences, 0.0)


def _described(
    differences: Sample, p_value: float, first: Sequence[float] | Sample, second: Sequence[float] | Sample
) -> PairedTest:
    spread = has_spread(differences, largest_size(first, second))
    return PairedTest(float(np.mean(differences)), p_value, differences.size, without_spread=not spread)


def _t_p_value(estimate: MeanEstimate, alternative: Alternative) -> float:
    tests = {"two-sided": estimate.p_different, "less": estimate.p_below, "greater": estimate.p_above}
    return tests[alternative](0.0)
