"""Splits and merges: their ratio, when they are made, and what they make of simulated mixtures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.cluster import KMeans

from common.strict import BadInputError
from experiments.novel_class_discovery.gmm_gcd.estimation import (
    Rules,
    check_start,
    e_step,
    first_partition,
    renumbered,
    settled,
)
from experiments.novel_class_discovery.gmm_gcd.halving import drawn_pairs, halves, lloyd
from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import log_marginal
from experiments.novel_class_discovery.gmm_gcd.moves import (
    accepted,
    log_split_ratio,
    merge,
    nearest_neighbours,
    split,
)
from experiments.novel_class_discovery.gmm_gcd.released import released_e_step
from experiments.novel_class_discovery.gmm_gcd.space import Space

CENTRES = np.array([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0], [20.0, 20.0]])


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def four_groups(each: int = 30, known: int = 2, labelled: int = 10) -> tuple[Space, np.ndarray]:
    """Far groups of which the first are known; labelled points of these come first."""
    classes = np.repeat(np.arange(4), each)
    points = CENTRES[classes] + generator(1).normal(size=(len(classes), 2))
    hidden = (classes >= known) | (np.tile(np.arange(each), 4) >= labelled)
    order = np.argsort(hidden, kind="stable")
    labels = classes[order][: known * labelled]
    return Space.of(points[order], labels, 0.1), classes[order]


def test_the_ratio_weighs_a_chinese_restaurant_s_tables_and_marginal_likelihoods() -> None:
    space, classes = four_groups()
    found = space.sums(classes, 4)
    first, second = found.of(np.array([2])), found.of(np.array([3]))
    # Sixty guests at two tables of thirty, or at one: a product of what each finds seated.
    two = 2 * sum(math.log(count) for count in range(1, 30))
    one = sum(math.log(count) for count in range(1, 60))
    marginals = [log_marginal(part, space.prior)[0] for part in (first, second, first + second)]
    expected = two - one + marginals[0] + marginals[1] - marginals[2]
    assert log_split_ratio(first, second, space.prior)[0] == pytest.approx(expected)
    assert expected > 0


def test_a_group_cut_in_half_is_better_merged() -> None:
    space, classes = four_groups()
    cut = np.where(
        (classes == 3) & (space.points[:, 0] > np.median(space.points[classes == 3, 0])), 4, classes
    )
    found = space.sums(cut, 5)
    ratio = log_split_ratio(found.of(np.array([3])), found.of(np.array([4])), space.prior)
    assert ratio[0] < 0
    joined = merge(space, cut, 5, np.arange(2, 5), "metropolis", generator())
    assert np.array_equal(renumbered(joined, 2).clusters, classes)


def test_an_empty_half_is_no_split() -> None:
    space, classes = four_groups()
    found = space.sums(classes, 5)
    empty = found.of(np.array([4]))
    assert log_split_ratio(found.of(np.array([0])), empty, space.prior)[0] == -np.inf
    assert not accepted(np.full(1000, -np.inf), "coin", generator()).any()


def test_moves_are_made_as_often_as_they_should() -> None:
    ratios = np.full(20_000, math.log(0.3))
    assert accepted(ratios, "metropolis", generator()).mean() == pytest.approx(0.3, abs=0.01)
    assert accepted(ratios, "coin", generator()).mean() == pytest.approx(0.1, abs=0.01)
    for rule in ("metropolis", "coin"):
        assert accepted(np.zeros(100) + 1e-9, rule, generator()).all()


def test_halves_are_those_of_two_means_in_each_cluster() -> None:
    space, _ = four_groups()
    clusters = (space.points[:, 0] > 10).astype(np.int64)
    starts = drawn_pairs(space.points, clusters, 2, generator())
    found, inertias = lloyd(space.points, clusters, starts)
    for cluster in (0, 1):
        inside = clusters == cluster
        theirs = KMeans(2, init=starts[cluster], n_init=1, tol=0).fit(space.points[inside])
        assert np.array_equal(found[inside], theirs.labels_)
        assert inertias[cluster] == pytest.approx(theirs.inertia_)


def test_a_cluster_of_equal_points_has_one_half() -> None:
    points = np.concatenate([np.zeros((5, 2)), CENTRES])
    found = halves(points, np.repeat([0, 1], [5, 4]), 2, generator())
    assert found[:5].tolist() == [0] * 5


def test_clusters_of_known_classes_are_left_whole() -> None:
    space, classes = four_groups()
    together = np.minimum(classes, 2)
    clusters, were_split = split(space, together, 3, "metropolis", generator())
    assert were_split.tolist() == [2]
    assert len(np.unique(clusters[classes >= 2])) == 2
    hidden = np.where(classes == 3, 0, classes)  # a novel class within a known one
    assert not len(split(space, hidden, 3, "metropolis", generator())[1])
    freed, were_split = split(space, hidden, 3, "metropolis", generator(), known_too=True)
    assert were_split.tolist() == [0]
    assert np.array_equal(freed[: len(space.labels)], space.labels)
    assert np.array_equal(freed, classes)


def test_few_points_are_not_split() -> None:
    space, classes = four_groups(each=11, labelled=2)
    found = [split(space, classes, 4, "coin", generator(seed))[1] for seed in range(20)]
    assert not np.concatenate(found).size  # one of two halves of eleven has five or fewer


def test_known_classes_take_novel_clusters_over_only_where_they_may() -> None:
    space, classes = four_groups()
    stray = np.where((classes == 0) & (np.arange(120) >= 20) & (space.points[:, 0] > 0), 4, classes)
    assert np.array_equal(merge(space, stray, 5, np.arange(5), "metropolis", generator()), stray)
    absorbed = merge(space, stray, 5, np.arange(5), "metropolis", generator(), absorbing=True)
    assert np.array_equal(absorbed, classes)


def test_nearest_neighbours_need_two_clusters() -> None:
    pairs = nearest_neighbours(CENTRES[:3] * [[1], [1], [3]], np.array([1, 2]), np.array([0, 1, 2]))
    assert pairs.tolist() == [[1, 0], [2, 0]]
    assert nearest_neighbours(CENTRES, np.array([1]), np.array([1])).shape == (0, 2)


@pytest.mark.parametrize("start", [3, 4, 8])
def test_the_number_of_far_groups_is_found(start: int) -> None:
    space, classes = four_groups()
    begun = first_partition(space, start, generator())
    rules = Rules(known_too=True, absorbing=True)
    found, numbers = settled(space, begun, rules, generator(), 5)
    assert (found.number, numbers[-1]) == (4, 4)
    assert all(len(np.unique(classes[found.clusters == cluster])) == 1 for cluster in range(4))


def test_without_moves_the_number_stays() -> None:
    space, _ = four_groups()
    begun = first_partition(space, 3, generator())
    assert e_step(space, begun, Rules(moves=False), generator()).number == 3


def test_the_order_of_points_does_not_matter_without_chance() -> None:
    space, classes = four_groups()
    order = np.concatenate([np.arange(20), 20 + generator(3).permutation(100)])
    other = Space.of(space.points[order], space.labels, 0.1)
    rules = Rules(moves=False)
    found = e_step(space, renumbered(classes, 2), rules, generator())
    again = e_step(other, renumbered(classes[order], 2), rules, generator())
    assert np.array_equal(found.clusters[order], again.clusters)


def test_released_merges_never_lower_the_number() -> None:
    space, _ = four_groups()
    assert all(released_e_step(space, 4, generator(seed)).number >= 4 for seed in range(10))


def test_a_start_that_does_not_go_is_refused() -> None:
    with pytest.raises(BadInputError, match="set 'start' to one of 5 to 40"):
        check_start(4, 5, 40)
    with pytest.raises(BadInputError, match="set 'start' to one of 5 to 40"):
        check_start(41, 5, 40)
