"""The E-step as the released code has it, which differs from the paper's text.

Of https://github.com/DTennant/GPC: each epoch begins anew from the first number of clusters, so that none
persists; a move against the ratio is made by a coin that shows heads in a tenth of the cases; a merge adds
the mean of two centroids and keeps both, twice where they are each other's nearest. So the number grows.
Not taken over: an index that is off where labels have gaps.
"""

from __future__ import annotations

import numpy as np

from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.constrained_k_means import nearest_centroid
from experiments.novel_class_discovery.gmm_gcd.estimation import Partition, first_partition, renumbered
from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import Floats
from experiments.novel_class_discovery.gmm_gcd.moves import (
    accepted,
    log_split_ratio,
    nearest_neighbours,
    split,
)
from experiments.novel_class_discovery.gmm_gcd.space import Space


def released_e_step(space: Space, start: int, generator: np.random.Generator) -> Partition:
    """Semi-supervised k-means with `start` clusters, splits, additions, and the nearest centroid."""
    first = first_partition(space, start, generator)
    clusters, were_split = split(space, *first, "coin", generator)
    number = first.number + len(were_split)
    unsplit = np.setdiff1d(np.arange(space.known, first.number), were_split)
    centroids = np.concatenate(
        [space.sums(clusters, number).means, added_centroids(space, clusters, number, unsplit, generator)]
    )
    found = nearest_centroid(space.unlabelled, centroids)
    return renumbered(np.concatenate([space.labels, found]), space.known)


def added_centroids(
    space: Space,
    clusters: Labels,
    number: int,
    unsplit: Labels,
    generator: np.random.Generator,
) -> Floats:
    """The mean of both centroids of each pair that the coin lets merge, `[m, d]`."""
    found = space.sums(clusters, number)
    pairs = nearest_neighbours(found.means, unsplit, unsplit)
    ratios = -log_split_ratio(found.of(pairs[:, 0]), found.of(pairs[:, 1]), space.prior)
    made = pairs[accepted(ratios, "coin", generator)]
    return (found.means[made[:, 0]] + found.means[made[:, 1]]) / 2
