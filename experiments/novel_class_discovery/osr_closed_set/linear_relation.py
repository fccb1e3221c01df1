"""How well a line describes points: its slope, and the correlations of Pearson and Spearman."""

from __future__ import annotations

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.osr_closed_set.outputs import Floats


def relation(points: Floats) -> dict[str, float]:
    """Of points `[n, 2]`: `pearson`, `spearman`, and by least squares the `slope` of the second coordinate.

    Raises BadInputError for fewer than three points, or where a coordinate is the same for all.
    """
    from scipy.stats import pearsonr, spearmanr

    if len(points) < 3:
        raise BadInputError(f"{len(points)} networks make no correlation; name at least three.")
    if (np.ptp(points, axis=0) == 0).any():
        raise BadInputError("All networks have the same accuracy or AUROC; take some that differ.")
    first, second = points.T
    return {
        "slope": float(np.polyfit(first, second, 1)[0]),
        "pearson": float(pearsonr(first, second).statistic),
        "spearman": float(spearmanr(first, second).statistic),
    }


def bootstrap_pearson(points: Floats, generator: np.random.Generator) -> tuple[float, float]:
    """The 95 % interval of Pearson's correlation of points `[n, 2]`, resampled whole (BCa, Efron 1987)."""
    from scipy.stats import bootstrap

    found = bootstrap(
        (points[:, 0], points[:, 1]), _pearson, paired=True, vectorized=True, n_resamples=9999, rng=generator
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _pearson(first: Floats, second: Floats, axis: int = -1) -> Floats:
    first, second = (part - part.mean(axis=axis, keepdims=True) for part in (first, second))
    lengths = np.sqrt((first**2).sum(axis=axis) * (second**2).sum(axis=axis))
    products = (first * second).sum(axis=axis)
    # A sample that drew one point again and again has no correlation.
    correlation: Floats = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return correlation
