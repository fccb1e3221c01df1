"""Splitting a cluster and merging two, as often as the Hastings ratio says.

Zhao, Wen, Han 2023, section 3, with Λ of `inverse_wishart` and α = 1:

    H_split = α Γ(N₁) Λ(X₁) Γ(N₂) Λ(X₂) / (Γ(N) Λ(X)),  H_merge = 1 / H_split of the union
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.centroid_seeding import squared_distances
from experiments.novel_class_discovery.gmm_gcd.halving import halves
from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import Floats, Prior, log_marginal
from experiments.novel_class_discovery.gmm_gcd.monomials import Sums
from experiments.novel_class_discovery.gmm_gcd.space import Space

Acceptance = Literal["metropolis", "coin"]
ALPHA = 1.0  # of the Dirichlet process
FEWEST = 5  # points; a cluster or a half with so many or fewer isn't split
COIN = 0.1  # chance of a move against the ratio in the released code


def log_split_ratio(first: Sums, second: Sums, prior: Prior) -> Floats:
    """log H_split `[k]` of clusters from the sums of their halves; -inf where a half is empty."""
    from scipy.special import gammaln

    whole = first + second
    possible = (first.counts > 0) & (second.counts > 0)
    counts = [np.where(possible, part.counts, 1) for part in (first, second, whole)]
    gammas = gammaln(counts[0]) + gammaln(counts[1]) - gammaln(counts[2])
    densities = log_marginal(first, prior) + log_marginal(second, prior) - log_marginal(whole, prior)
    return np.where(possible, math.log(ALPHA) + gammas + densities, -np.inf)


def accepted(log_ratios: Floats, rule: Acceptance, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Which moves are made `[k]`: each by chance min(1, H); by the coin, all with H > 1, others by 0.1."""
    chances = generator.random(len(log_ratios))
    if rule == "coin":
        return (log_ratios > 0) | ((chances < COIN) & np.isfinite(log_ratios))
    # 1 - chance is never 0, whose logarithm would let every move pass
    return np.log1p(-chances) < log_ratios


def split(
    space: Space,
    clusters: Labels,
    number: int,
    rule: Acceptance,
    generator: np.random.Generator,
    known_too: bool = False,
) -> tuple[Labels, Labels]:
    """Split clusters of no known class: the new clusters `[n]`, and which of those before were split.

    A second half is numbered after all others; the first keeps its number. With `known_too` (ours) those of
    known classes are split as well: the half with more labelled points stays, and so do labelled ones.
    """
    part = halves(space.points, clusters, number, generator)
    part = _with_labels_first(space, clusters, number, part)
    both = space.sums(2 * clusters + part, 2 * number)
    first, second = both.of(np.arange(0, 2 * number, 2)), both.of(np.arange(1, 2 * number, 2))
    made = accepted(log_split_ratio(first, second, space.prior), rule, generator)
    made &= np.minimum(first.counts, second.counts) > FEWEST
    places = np.flatnonzero(made & (known_too | (np.arange(number) >= space.known)))
    name_of_second = np.arange(number)
    name_of_second[places] = number + np.arange(len(places))
    return np.where(part == 1, name_of_second[clusters], clusters), places


def _with_labels_first(space: Space, clusters: Labels, number: int, part: Labels) -> Labels:
    """Halves so numbered that the first has the most labelled points, which all belong to it."""
    count = len(space.labels)
    in_second = np.bincount(clusters[:count], part[:count], minlength=number)
    labelled = np.bincount(clusters[:count], minlength=number)
    turned = np.where(2 * in_second[clusters] > labelled[clusters], 1 - part, part)
    turned[:count] = 0
    return turned


def nearest_neighbours(means: Floats, eligible: Labels, partners: Labels) -> Labels:
    """Pairs `[m, 2]` of each eligible cluster and the nearest of its possible partners; none without any."""
    if len(partners) < 2 or not len(eligible):
        return np.empty((0, 2), dtype=np.int64)
    distances = squared_distances(means[eligible], means[partners])
    distances[eligible[:, None] == partners] = np.inf
    return np.stack([eligible, partners[np.argmin(distances, axis=1)]], axis=1)


def merge(
    space: Space,
    clusters: Labels,
    number: int,
    candidates: Labels,
    rule: Acceptance,
    generator: np.random.Generator,
    absorbing: bool = False,
) -> Labels:
    """Join candidates of no known class with the nearest of them: the new clusters `[n]`.

    Where known classes are `absorbing`, the nearest may be one of these, which then takes the points over.
    The best ratio goes first, and a cluster takes part in one merge at most. The number of a cluster that was
    taken over stays empty.
    """
    found = space.sums(clusters, number)
    novel = candidates[candidates >= space.known]
    partners = np.concatenate([np.arange(space.known), novel]) if absorbing else novel
    pairs = np.unique(np.sort(nearest_neighbours(found.means, novel, partners), axis=1), axis=0)
    ratios = -log_split_ratio(found.of(pairs[:, 0]), found.of(pairs[:, 1]), space.prior)
    made = accepted(ratios, rule, generator)
    name_of = np.arange(number)
    taken: set[int] = set()
    for place in np.argsort(-ratios, kind="stable"):
        kept, joined = map(int, pairs[place])
        if made[place] and not {kept, joined} & taken:
            taken |= {kept, joined}
            name_of[joined] = kept
    return name_of[clusters]
