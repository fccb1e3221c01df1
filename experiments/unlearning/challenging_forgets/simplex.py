"""Projection onto the capped simplex: weights between 0 and 1 that sum to a given total."""

from __future__ import annotations

import torch
from torch import Tensor

from common.strict import BadInputError

NARROW = 2.0**-60  # far below the rounding of a sum of weights; a μ near 0 could be halved a thousand times


def project(point: Tensor, total: float) -> Tensor:
    """The nearest weights to `point` in {w in [0, 1]^n, sum w = total}.

    They are clip(point - μ, 0, 1) for the μ at which they sum to `total`. The sum falls with μ and is
    linear between the places where a coordinate reaches 0 or 1. μ is bracketed by bisection until the
    bracket is below `NARROW`, or no float64 lies inside; one Newton step, exact on a linear piece, then
    takes off what is left but rounding. Equal coordinates get equal weights, and the order is kept.

    Args:
        point: float64 `[n]`.
        total: strictly between 0 and n.

    Returns:
        float64 `[n]`, whose sum differs from `total` by rounding only.

    Raises:
        BadInputError: for a total that no such weights have, or a point that is not finite.
    """
    _check(point, total)
    threshold = _bracketed(point, total)
    weights = (point - threshold).clamp(0, 1)
    free = int(((weights > 0) & (weights < 1)).sum())
    if free:  # else the sum is flat here, and any μ of the bracket will do
        weights = (point - (threshold + float(weights.sum() - total) / free)).clamp(0, 1)
    return weights


def _bracketed(point: Tensor, total: float) -> float:
    """The largest float μ found at which the clipped coordinates still sum to `total` or more."""
    low, high = float(point.min()) - 1, float(point.max())
    while high - low > NARROW and low < (middle := low + (high - low) / 2) < high:
        if float((point - middle).clamp(0, 1).sum()) >= total:
            low = middle
        else:
            high = middle
    return low


def _check(point: Tensor, total: float) -> None:
    if not 0 < total < len(point):
        raise BadInputError(
            f"{len(point)} weights between 0 and 1 can't be told to sum to {total}: "
            f"choose more than 0 and fewer than {len(point)} of them."
        )
    if point.dtype != torch.float64 or not torch.isfinite(point).all():
        raise BadInputError(
            "The point to project must be finite float64, but has other values. If a loss became infinite "
            "or not a number, lower 'lower_step' or 'upper_step' of 'bilevel' in the paper's config.yaml."
        )
