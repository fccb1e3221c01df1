"""Confidence intervals for means, other statistics, and proportions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from common.stats.samples import Sample, as_sample, check_share, has_spread
from common.stats.student import estimate_mean
from common.strict import BadInputError


@dataclass(frozen=True)
class Interval:
    """An estimate with its two-sided confidence interval from `n` values.

    `without_spread`: all values are the same, so that low = high = estimate, and the interval does not
    cover what its confidence says unless the quantity has no randomness at all.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    n: int
    without_spread: bool = False


def mean_interval(values: Sequence[float] | Sample, confidence: float = 0.95) -> Interval:
    """Student's t interval for the mean of normal values: mean ± t(n - 1) · s / sqrt(n).

    Raises BadInputError for fewer than two values, non-finite ones, or a confidence outside (0, 1).
    """
    mean = estimate_mean(values)
    low, high = mean.interval(confidence)
    return Interval(mean.mean, low, high, confidence, mean.n, without_spread=not mean.has_spread)


def bootstrap_interval(
    values: Sequence[float] | Sample,
    generator: np.random.Generator,
    statistic: Callable[..., Any] = np.mean,
    confidence: float = 0.95,
    resamples: int = 9999,
) -> Interval:
    """Bias-corrected and accelerated bootstrap (Efron, "Better bootstrap confidence intervals", 1987).

    `statistic` takes an array and an `axis`. Needs no normality, but many values: with ten or fewer
    it covers less often than stated, so a few seeds call for `mean_interval`. Raises BadInputError for
    fewer than two values, non-finite ones, or a statistic for which the acceleration is undefined.
    """
    from scipy.stats import bootstrap

    check_share(confidence, "The confidence")
    sample = as_sample(values)
    estimate = float(statistic(sample, axis=0))
    if not has_spread(sample):
        return Interval(estimate, estimate, estimate, confidence, sample.size, without_spread=True)
    found = bootstrap(
        (sample,), statistic, confidence_level=confidence, n_resamples=resamples, method="BCa", rng=generator
    ).confidence_interval
    if not np.isfinite([found.low, found.high]).all():
        raise BadInputError(
            f"The bootstrap has no interval for this statistic of {sample.size} values: leaving any one out "
            f"does not change it. Use more values or mean_interval."
        )
    return Interval(estimate, float(found.low), float(found.high), confidence, sample.size)


def proportion_interval(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion ("Probable inference …", JASA 1927), in [0, 1].

    It has a width even at 0 and at 1 successes in all. The trials must be independent: images of one
    test set are, seeds that share a test set are not. Raises BadInputError unless 0 <= successes <= trials
    and trials >= 1.
    """
    from scipy.stats import binomtest

    check_share(confidence, "The confidence")
    if trials < 1 or not 0 <= successes <= trials:
        raise BadInputError(f"{successes} successes in {trials} trials is not a proportion.")
    found = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return Interval(successes / trials, float(found.low), float(found.high), confidence, trials)
