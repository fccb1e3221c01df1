"""Spearman's rank correlation, which is 0 where one side doesn't vary and so says nothing of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Correlation of ranks, equal values sharing their mean rank; 0 where all of a side are equal."""
    from scipy.stats import rankdata

    ranks = np.array([rankdata(side) for side in (first, second)])
    if (np.ptp(ranks, axis=1) == 0).any():
        return 0.0
    return float(np.corrcoef(ranks)[0, 1])
