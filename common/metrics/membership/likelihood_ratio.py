"""The per-example attack: under which of two hypotheses is this example's margin likelier?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.membership.arrays import HANDFUL, Mask, Places, Values, check_finite, finite_values
from common.strict import BadInputError

# A spread around a mean of its own takes two shadows.
FEWEST_SHADOWS = 2


@dataclass(frozen=True)
class Gaussians:
    """How margins spread over shadow networks: a mean for each example, [examples], one deviation for all."""

    means: Values
    deviation: float

    def log_density(self, phi: Values) -> Values:
        """log N(phi; mean, deviation²) of one margin for each example, [examples]."""
        distances = (phi - self.means) / self.deviation
        density: Values = -0.5 * (distances**2 + np.log(2 * np.pi)) - np.log(self.deviation)
        return density


@dataclass(frozen=True)
class ScoredPairs:
    """Scores of (shadow, example) pairs, each an array [pairs]; a positive score says unlearned.

    `unlearned` is the truth; `shadow` and `example` are the pair's row and column in the margins.
    """

    scores: Values
    unlearned: Mask
    shadow: Places
    example: Places


def fit_gaussians(phi: ArrayLike, holds: ArrayLike) -> Gaussians:
    """The Gaussians of margins `phi` [shadows, examples] over the shadows where `holds` (bool, same shape).

    The variance is one for all examples, as Carlini et al. advise below some 64 shadows; here the pooled
    one, sum (phi - mean of its example)² / sum (shadows of the example - 1), so that examples of different
    difficulty don't widen it. Entries where `holds` is false are not read. Raises BadInputError where an
    example has fewer than two shadows, a margin in use is not finite, or no margin varies.
    """
    margins, mask = _table(phi, holds, "the hypothesis")
    counts = mask.sum(axis=0)
    if counts.size == 0:
        raise BadInputError("The margins are of no examples, so there is nothing to fit.")
    if counts.min() < FEWEST_SHADOWS:
        raise BadInputError(
            f"{(counts < FEWEST_SHADOWS).sum()} of {counts.size} examples have fewer than {FEWEST_SHADOWS} "
            f"shadows under the hypothesis; train more shadows or leave these examples out."
        )
    return _fit(margins, mask)


def log_likelihood_ratio(phi: ArrayLike, first: Gaussians, second: Gaussians) -> Values:
    """Scores log N(phi; mu_1, s_1²) - log N(phi; mu_2, s_2²), [examples]; positive where `first` is likelier.

    `phi` [examples] are the margins of the network attacked. With members first and non-members second
    this is the online attack of Carlini et al., "Membership Inference Attacks From First Principles",
    2022 (arXiv 2112.03570); with unlearned first and never seen second, U-LiRA of Hayes et al., "Inexact
    Unlearning Needs More Careful Evaluations to Avoid a False Sense of Privacy", 2025 (arXiv 2403.01218).
    Raises BadInputError for margins that are not finite or of other examples than the Gaussians.
    """
    margins = finite_values(phi, "The margins of the network attacked")
    if not margins.shape == first.means.shape == second.means.shape:
        raise BadInputError(
            f"{margins.size} margins can't be scored by Gaussians of {first.means.size} and "
            f"{second.means.size} examples; give the same examples to all."
        )
    return first.log_density(margins) - second.log_density(margins)


def leave_one_shadow_out(phi: ArrayLike, unlearned: ArrayLike, out: ArrayLike) -> ScoredPairs:
    """U-LiRA with each shadow network in turn as the one attacked: scores of all pairs, and their truth.

    `phi` [shadows, examples] are margins; `unlearned` and `out` (bool, same shape) say under which
    hypothesis the shadow saw the example, and an entry may be neither. The Gaussians of a pair come from
    the other shadows, less the next one of the opposite hypothesis: otherwise the side that the attacked
    shadow left would be the one with fewer shadows, hence the worse mean, and an attack on networks that
    do not differ would score below chance (48 % with four shadows a side). So it is 50 % there, whatever
    the distribution. Deviation from Hayes et al., who attack shadows held out for that: none is lost here.

    Examples with fewer than three shadows on a side, two after leaving one out, are dropped. Raises
    BadInputError where that leaves fewer than five pairs of either truth, and as `fit_gaussians`.
    """
    margins, positive = _table(phi, unlearned, "unlearned")
    margins, negative = _table(margins, out, "out")
    if (positive & negative).any():
        place = tuple(int(index) for index in np.argwhere(positive & negative)[0])
        raise BadInputError(
            f"Shadow and example {place} are both unlearned and out; an entry is at most one."
        )
    margins = np.where(positive | negative, margins, 0.0)
    kept = np.minimum(positive.sum(axis=0), negative.sum(axis=0)) > FEWEST_SHADOWS
    _check_pairs(positive[:, kept], negative[:, kept])
    scores = _scores_by_shadow(margins[:, kept], positive[:, kept], negative[:, kept])
    shadow, column = np.nonzero((positive | negative)[:, kept])
    example = np.flatnonzero(kept)[column]
    return ScoredPairs(scores[shadow, column], positive[shadow, example], shadow, example)


def _scores_by_shadow(phi: Values, positive: Mask, negative: Mask) -> Values:
    scores = np.empty_like(phi)
    for shadow, attacked in enumerate(phi):
        first, second = (_fit(phi, _without(mask, shadow)) for mask in (positive, negative))
        scores[shadow] = first.log_density(attacked) - second.log_density(attacked)
    return scores


def _without(holds: Mask, shadow: int) -> Mask:
    """`holds` without `shadow`, or where it is not among them without the next one after it."""
    order = np.roll(np.arange(len(holds)), -shadow)
    left_out = order[holds[order].argmax(axis=0)]
    others = holds.copy()
    others[left_out, np.arange(holds.shape[1])] = False
    return others


def _fit(phi: Values, holds: Mask) -> Gaussians:
    counts = holds.sum(axis=0)
    means = np.where(holds, phi, 0.0).sum(axis=0) / counts
    squares = np.where(holds, phi - means, 0.0) ** 2
    variance = squares.sum() / (counts - 1).sum()
    if not variance > 0:
        raise BadInputError("Every example has the same margin in all its shadows; were they trained alike?")
    return Gaussians(means, float(np.sqrt(variance)))


def _table(phi: ArrayLike, holds: ArrayLike, name: str) -> tuple[Values, Mask]:
    margins, mask = np.asarray(phi, dtype=np.float64), np.asarray(holds)
    if margins.ndim != 2 or mask.shape != margins.shape or mask.dtype != np.bool_:
        raise BadInputError(
            f"The margins have the shape {margins.shape} and the mask of {name} is {mask.dtype} of shape "
            f"{mask.shape}; give [shadows, examples] and booleans of the same shape."
        )
    check_finite(margins, mask, f"The margins of {name}")
    return margins, mask


def _check_pairs(positive: Mask, negative: Mask) -> None:
    if min(positive.sum(), negative.sum()) < HANDFUL:
        raise BadInputError(
            f"{positive.sum()} unlearned and {negative.sum()} out (shadow, example) pairs are left of "
            f"examples with at least {FEWEST_SHADOWS + 1} shadows on either side, where {HANDFUL} of both "
            f"are needed; train more shadows."
        )
