"""The E-step: clusters, and how many there are, by a Gaussian mixture whose components split and merge."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.constrained_k_means import nearest_centroid, semi_supervised_k_means
from experiments.novel_class_discovery.gmm_gcd.mixture import fit
from experiments.novel_class_discovery.gmm_gcd.moves import Acceptance, merge, split
from experiments.novel_class_discovery.gmm_gcd.space import Space

Assignment = Literal["gaussian", "nearest_mean"]


class Partition(NamedTuple):
    """The cluster of each point `[n]`, those of known classes first, and how many clusters there are."""

    clusters: Labels
    number: int


class Rules(NamedTuple):
    """How points are assigned, whether clusters split and merge, and how such a move is accepted.

    Attributes:
        known_too: clusters of known classes may be split as well (ours).
        absorbing: a novel cluster may be merged into a known class (ours).
    """

    assignment: Assignment = "gaussian"
    moves: bool = True
    acceptance: Acceptance = "metropolis"
    known_too: bool = False
    absorbing: bool = False


def first_partition(
    space: Space, number: int, generator: np.random.Generator, initialisations: int = 10
) -> Partition:
    """Semi-supervised k-means with so many clusters, those of known classes included.

    Raises BadInputError where they are fewer than these, or more than the points.
    """
    found = semi_supervised_k_means(space.labelled, space.unlabelled, number, generator, initialisations)
    return Partition(np.concatenate([space.labels, found.assigned]), number)


def assigned(space: Space, partition: Partition, assignment: Assignment) -> Partition:
    """Points go to the components that fit them best; novel ones that are left empty go."""
    if assignment == "gaussian":
        clusters = fit(space.table, space.labels, *partition, space.prior).clusters
    else:
        means = space.sums(*partition).means
        clusters = np.concatenate([space.labels, nearest_centroid(space.unlabelled, means)])
    return renumbered(clusters, space.known)


def e_step(space: Space, partition: Partition, rules: Rules, generator: np.random.Generator) -> Partition:
    """One round: assign, split, merge, assign; the number of clusters is that of before with its changes."""
    current = assigned(space, partition, rules.assignment)
    if not rules.moves:
        return current
    clusters, were_split = split(space, *current, rules.acceptance, generator, rules.known_too)
    number = current.number + len(were_split)
    unsplit = np.setdiff1d(np.arange(current.number), were_split)
    joined = merge(space, clusters, number, unsplit, rules.acceptance, generator, rules.absorbing)
    return assigned(space, renumbered(joined, space.known), rules.assignment)


def settled(
    space: Space, partition: Partition, rules: Rules, generator: np.random.Generator, rounds: int
) -> tuple[Partition, list[int]]:
    """So many rounds on features that stay as they are; the last partition, and the number after each."""
    numbers = []
    for _ in range(rounds):
        partition = e_step(space, partition, rules, generator)
        numbers.append(partition.number)
    return partition, numbers


def renumbered(clusters: Labels, known: int) -> Partition:
    """Without the empty ones among clusters of no known class."""
    there = np.unique(np.concatenate([np.arange(known), clusters]))
    return Partition(np.searchsorted(there, clusters), len(there))


def check_start(number: int, known: int, points: int) -> None:
    """Raise BadInputError for a first number of clusters that known classes or points can't go with."""
    if not known <= number <= points:
        raise BadInputError(
            f"A start with {number} clusters doesn't go with {known} known classes and {points} points; set "
            f"'start' to one of {known} to {points}."
        )
