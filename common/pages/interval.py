"""The confidence interval shown with a table's mean."""

from __future__ import annotations

import math
from collections.abc import Sequence


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean and two-sided Student-t interval of at least two values, as (mean, low, high).

    mean ± t(n - 1) · s / √n, with s the standard deviation with divisor n - 1 (Student 1908).
    """
    from scipy.special import stdtrit

    n = len(values)
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half_width = float(stdtrit(n - 1, (1 + confidence) / 2)) * math.sqrt(variance / n)
    return mean, mean - half_width, mean + half_width
