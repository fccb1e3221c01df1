"""Where values stand among others, whatever their scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from common.strict import BadInputError

Values = NDArray[np.float64]


def percentile_ranks(values: ArrayLike) -> Values:
    """The percentage of all values that lie below each, ties counting half, `[n]`, within (0, 100).

    Their mean is 50. Raises BadInputError where a value is NaN.
    """
    from scipy.stats import rankdata

    numbers = _numbers(values)
    ranks: Values = (rankdata(numbers) - 0.5) / len(numbers) * 100
    return ranks


def rank_correlation(first: ArrayLike, second: ArrayLike) -> float:
    """Spearman's, in [-1, 1]: Pearson's of the ranks, ties averaged; 0 where one side doesn't vary at all.

    Raises BadInputError where a value is NaN.
    """
    ranks = percentile_ranks(first), percentile_ranks(second)
    if any(np.ptp(side) == 0 for side in ranks):
        return 0.0
    correlations: Values = np.corrcoef(*ranks)
    return float(correlations[0, 1])


def _numbers(values: ArrayLike) -> Values:
    numbers = np.asarray(values, dtype=np.float64)
    missing = int(np.isnan(numbers).sum())
    if missing:
        raise BadInputError(f"{missing} of {len(numbers)} scores are not a number, and so have no rank.")
    return numbers
