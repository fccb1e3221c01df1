"""The losses of SuSana Distancia: worked out by hand, beside plain loops, and what must hold of them."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from common.strict import BadInputError
from experiments.few_shot.susana_distancia.embedded_tasks import EmbeddedTasks, Points
from experiments.few_shot.susana_distancia.icnn import EPSILON, LeftOut, Score, icnn_loss, modified_score
from experiments.few_shot.susana_distancia.icnn_original import original_score
from experiments.few_shot.susana_distancia.proto_triplet import (
    batch_hard_triplet_loss,
    proto_triplet_loss,
    support_triplet_loss,
)
from experiments.few_shot.susana_distancia.terms import TERMS, weighted_sum

DOUBLE = torch.float64
HALVES = ("full_icnn_pull", "full_icnn_push")  # whose gradient is one of two parts


def on_a_line(positions: list[float], labels: list[int]) -> Points:
    """One task of points on a line."""
    return Points(torch.tensor(positions, dtype=DOUBLE)[None, :, None], torch.tensor(labels))


def among_themselves(points: Points) -> Score:
    return modified_score(points, points, "itself")


def random_tasks(
    ways: int = 5, shots: int = 2, queries: int = 3, tasks: int = 3, spread: float = 1
) -> EmbeddedTasks:
    """Overlapping classes in four dimensions."""
    draws = torch.Generator().manual_seed(ways * 100 + shots)
    centres = torch.randn(tasks, ways, 1, 4, dtype=DOUBLE, generator=draws)

    def around(count: int) -> Points:
        noise = torch.randn(tasks, ways, count, 4, dtype=DOUBLE, generator=draws)
        places = (centres + spread * noise).flatten(1, 2)
        return Points(places, torch.arange(ways).repeat_interleave(count))

    return EmbeddedTasks(around(shots), around(queries))


def looped_score(origins: Points, targets: Points, k: int, retrieved: int | None, skip: bool) -> list[float]:
    """The modified score, one neighbour after another."""
    scores = []
    everything_near = k + 2 >= len(targets.labels)
    k = min(k, len(targets.labels) - 2)
    for mine, theirs in zip(origins.places.tolist(), targets.places.tolist(), strict=True):
        same_means, foreign_sums, purities = [], [], []
        for place, label in zip(mine, origins.labels.tolist(), strict=True):
            pairs = zip(theirs, targets.labels.tolist(), strict=True)
            near = sorted((math.dist(place, target), other == label) for target, other in pairs)
            near = near[int(skip) :][: max(k, retrieved or k + 1)]
            foreign = min((d for d, same in near if not same), default=math.inf)
            ratios = [d / (foreign + EPSILON) for d, _ in near[:k]]
            relatives = [r / max(1.0, *ratios) for r, (_, same) in zip(ratios, near, strict=False) if same]
            strangers = [d for d, same in near[:k] if not same]
            if relatives:
                same_means.append(sum(relatives) / len(relatives))
            if strangers:
                foreign_sums.append(strangers)
            purities.append(len(relatives) / k)
        compact = 1 - (sum(same_means) / len(same_means) if same_means else 0)
        largest = max((d for strangers in foreign_sums for d in strangers), default=1)
        shares = [sum(strangers) / len(strangers) / largest for strangers in foreign_sums]
        separate = sum(shares) / len(shares) if shares else 1
        purity = 1 if everything_near else sum(purities) / len(purities)
        scores.append(((compact + separate) / 2 + purity) / 2)
    return scores


def test_the_proto_triplet_loss_worked_out_by_hand() -> None:
    support = on_a_line([-1, 1, 4, 4], [0, 0, 1, 1])  # prototypes at 0 and 4
    queries = on_a_line([1, 1.8], [0, 1])  # hinges: 1 - 3 + 0.5 < 0 and 2.2 - 1.8 + 0.5
    assert float(proto_triplet_loss(EmbeddedTasks(support, queries))) == pytest.approx(0.45, abs=1e-6)
    assert float(proto_triplet_loss(EmbeddedTasks(support, queries), margin=3)) == pytest.approx(
        2.2, abs=1e-6
    )


def test_the_proto_triplet_loss_takes_the_nearest_foreign_prototype() -> None:
    support, queries = on_a_line([0, 10, 3], [0, 1, 2]), on_a_line([2], [0])
    assert float(proto_triplet_loss(EmbeddedTasks(support, queries))) == pytest.approx(2 - 1 + 0.5, abs=1e-6)


def test_the_support_triplet_loss_is_the_proto_triplet_loss_of_one_shot() -> None:
    one, two = random_tasks(5, 1), random_tasks(5, 2)
    assert float(support_triplet_loss(one)) == pytest.approx(float(proto_triplet_loss(one)))
    assert float(support_triplet_loss(two)) > float(proto_triplet_loss(two))
    support, queries = on_a_line([-1, 2, 4, 6], [0, 0, 1, 1]), on_a_line([1], [0])
    assert float(support_triplet_loss(EmbeddedTasks(support, queries), margin=2)) == pytest.approx(
        1, abs=1e-5
    )


def test_the_halves_of_the_icnn_gradient_add_up() -> None:
    pull, push, whole = (gradients(f"full_icnn{half}", random_tasks()) for half in ("_pull", "_push", ""))
    for parts in zip(pull, push, whole, strict=True):
        assert torch.allclose(parts[0] + parts[1], parts[2])


def test_the_batch_hard_triplet_loss_worked_out_by_hand() -> None:
    """Of the points 0, 1 | 1.2, 3 the hinges are 0.3, 1.3, 2.1, 0.3."""
    tasks = EmbeddedTasks(on_a_line([0, 1.2], [0, 1]), on_a_line([1, 3], [0, 1]))
    assert float(batch_hard_triplet_loss(tasks)) == pytest.approx(1.0, abs=1e-5)


def test_the_modified_score_worked_out_by_hand() -> None:
    """0, 1 | 3, 7: with two neighbours e = 3, 2, 2, 6; relatives at 1/3, 1/2, -, 2/3 of it."""
    points = on_a_line([0, 1, 3, 7], [0, 0, 1, 1])
    found = modified_score(points, points, "itself")  # four neighbours: cut to two
    assert float(found.compactness) == pytest.approx(0.5, abs=1e-6)
    assert float(found.separation) == pytest.approx((3 + 2 + 2.5 + 6) / 6 / 4, abs=1e-6)
    assert float(found.purity) == 1.0  # as k + 2 is at least the number of points
    assert float(found.total) == pytest.approx(0.765625, abs=1e-6)
    assert float(icnn_loss(found.total)) == pytest.approx(-math.log(0.765625), abs=1e-6)
    one = modified_score(points, points, "itself", neighbours=1)
    assert [float(one.separation), float(one.purity)] == pytest.approx([1, 0.75], abs=1e-6)
    assert float(one.total) == pytest.approx(0.75, abs=1e-6)


def test_the_original_score_worked_out_by_hand() -> None:
    points = on_a_line([0, 1, 3, 7], [0, 0, 1, 1])
    half = 0.5**0.5
    neighbourhood, purity = (3 + half) / 4, 3 * half / 4
    found = original_score(points, points, "itself", neighbours=2)
    assert float(found) == pytest.approx((neighbourhood + purity) / 2, abs=1e-5)
    evenness = (1 - 0.16) ** 0.5  # foreign neighbours lie at 1, 1, 0, 1, 1; relatives at 0, 0, 0
    spread = original_score(points, points, "itself", neighbours=2, with_variance=True)
    assert float(spread) == pytest.approx((neighbourhood + purity + evenness) / 3, abs=1e-5)


@pytest.mark.parametrize(("ways", "shots", "queries"), [(5, 1, 3), (5, 2, 3), (3, 1, 1), (8, 5, 2)])
@pytest.mark.parametrize("spread", [0.05, 1.0, 5.0])  # classes apart, overlapping, and mixed
def test_the_modified_score_is_that_of_plain_loops(
    ways: int, shots: int, queries: int, spread: float
) -> None:
    tasks = random_tasks(ways, shots, queries, spread=spread)
    everything = tasks.together
    cases: list[tuple[Points, Points, int | None, LeftOut]] = [
        (everything, everything, tasks.per_class, "itself"),
        (tasks.support, tasks.support, None, "itself"),
        (tasks.queries, tasks.support, None, "nothing"),
        (tasks.queries, tasks.support, None, "nearest"),
        (tasks.queries, tasks.prototypes, None, "nothing"),
    ]
    for origins, targets, retrieved, leave_out in cases:
        found = modified_score(origins, targets, leave_out, retrieved=retrieved).total
        looped = looped_score(origins, targets, 4, retrieved, leave_out != "nothing")
        assert found.tolist() == pytest.approx(looped, abs=1e-5)


@pytest.mark.parametrize("name", TERMS)
def test_tasks_at_once_are_the_mean_of_tasks_one_by_one(name: str) -> None:
    tasks = random_tasks()
    alone = [
        float(
            TERMS[name](
                EmbeddedTasks(*(Points(part.places[place : place + 1], part.labels) for part in tasks))
            )
        )
        for place in range(3)
    ]
    assert float(TERMS[name](tasks)) == pytest.approx(sum(alone) / 3)


def gradients(name: str, tasks: EmbeddedTasks) -> tuple[Tensor, ...]:
    leaves = [part.places.clone().requires_grad_() for part in tasks]
    known = EmbeddedTasks(*(Points(leaf, part.labels) for leaf, part in zip(leaves, tasks, strict=True)))
    return torch.autograd.grad(TERMS[name](known), leaves, materialize_grads=True)


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("shots", [1, 5])
@pytest.mark.parametrize("spread", [0.0, 0.01, 1.0])  # at zero all points of a class are duplicates
def test_gradients_are_finite(name: str, shots: int, spread: float) -> None:
    assert all(
        bool(torch.isfinite(part).all()) for part in gradients(name, random_tasks(5, shots, spread=spread))
    )


@pytest.mark.parametrize("name", [name for name in TERMS if name not in HALVES])
def test_a_step_against_the_gradient_lowers_the_loss(name: str) -> None:
    tasks = random_tasks()
    found = gradients(name, tasks)
    moved = [
        Points((part.places - 1e-5 * slope).detach(), part.labels)
        for part, slope in zip(tasks, found, strict=True)
    ]
    before, after = float(TERMS[name](tasks)), float(TERMS[name](EmbeddedTasks(*moved)))
    drop = 1e-5 * float(sum(slope.square().sum() for slope in found))
    assert before - after == pytest.approx(drop, rel=0.05)


@pytest.mark.parametrize("name", TERMS)
def test_renaming_the_classes_changes_no_loss(name: str) -> None:
    tasks = random_tasks()
    renamed = torch.tensor([3, 1, 4, 0, 2])
    moved = EmbeddedTasks(*(Points(part.places, renamed[part.labels]) for part in tasks))
    assert float(TERMS[name](moved)) == pytest.approx(float(TERMS[name](tasks)))


@pytest.mark.parametrize("name", [name for name in TERMS if "icnn" in name])
def test_a_score_knows_no_scale(name: str) -> None:
    tasks = random_tasks()
    larger = EmbeddedTasks(*(Points(1000 * part.places, part.labels) for part in tasks))
    assert float(TERMS[name](larger)) == pytest.approx(float(TERMS[name](tasks)), abs=1e-5)


def test_the_margin_means_less_on_a_larger_scale() -> None:
    """Without normalisation the hinge becomes one of margin zero."""
    tasks = random_tasks()
    larger = EmbeddedTasks(*(Points(1000 * part.places, part.labels) for part in tasks))
    bare = float(proto_triplet_loss(tasks, margin=0))
    assert float(proto_triplet_loss(larger)) / 1000 == pytest.approx(bare, abs=1e-3)


def test_separate_classes_score_one_and_mixed_ones_less() -> None:
    apart, mixed = (among_themselves(random_tasks(5, 5, 5, spread=s).together) for s in (1e-9, 5.0))
    assert apart.total.tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert bool((mixed.total < 0.7).all())


def test_without_a_foreign_neighbour_separation_jumps_to_one() -> None:
    """The discontinuity: one more foreign point among the nearest, far from the largest distance."""
    labels = [0] * 6 + [1] * 6
    far = among_themselves(on_a_line([*range(6), *range(100, 106)], labels))
    near = among_themselves(on_a_line([*range(6), *[5.5], *range(100, 105)], labels))
    assert float(far.separation) == 1
    assert float(near.separation) < 1


def test_one_shot_supports_have_no_relatives() -> None:
    wide = random_tasks(20, 1)
    found = modified_score(wide.support, wide.support, "itself")
    assert found.compactness.tolist() == [1, 1, 1]
    assert found.purity.tolist() == [0, 0, 0]
    few = random_tasks(5, 1)
    assert modified_score(few.support, few.support, "itself").purity.tolist() == [1, 1, 1]


def test_as_released_a_query_s_nearest_support_does_not_count() -> None:
    """Moving it nearer changes the loss that counts it, and not the other."""
    support = on_a_line([1.0, 9, 17, 24, 32, 41, 50], [0, 1, 2, 3, 4, 5, 6])
    closer = support._replace(places=support.places.clone())
    closer.places[0, 0] = 0.5
    queries = on_a_line([0.0], [0])
    for term, changes in (("query_icnn", True), ("query_icnn_as_released", False)):
        losses = [float(TERMS[term](EmbeddedTasks(each, queries))) for each in (support, closer)]
        assert (losses[0] != losses[1]) == changes


def test_foreign_duplicates_are_foreign() -> None:
    """The authors' code would take a foreign point at distance zero for a relative."""
    points = on_a_line([0, 0, 5, 5, 9, 9, 14, 14], [0, 1, 0, 1, 0, 1, 0, 1])
    assert float(modified_score(points, points, "itself", neighbours=1).purity) == 0


def test_a_loss_is_the_weighted_sum_of_its_terms() -> None:
    tasks = random_tasks()
    both = 0.5 * TERMS["cross"](tasks) + 0.25 * TERMS["full_icnn"](tasks)
    assert torch.allclose(weighted_sum({"cross": 0.5, "full_icnn": 0.25}, tasks), both)


def test_bad_input_is_answered_with_a_sentence() -> None:
    tasks = random_tasks()
    with pytest.raises(BadInputError, match=r"no loss term 'full_icn'\. Did you mean 'full_icnn'"):
        weighted_sum({"full_icn": 1.0}, tasks)
    with pytest.raises(BadInputError, match="at least one of 'terms'"):
        weighted_sum({}, tasks)
    with pytest.raises(BadInputError, match="The support set is empty"):
        proto_triplet_loss(EmbeddedTasks(on_a_line([], []), on_a_line([1], [0])))
    with pytest.raises(BadInputError, match="A task of one class"):
        proto_triplet_loss(EmbeddedTasks(on_a_line([1], [0]), on_a_line([1], [0])))
    with pytest.raises(BadInputError, match="needs three or more targets, not 2"):
        TERMS["prototype_icnn"](EmbeddedTasks(on_a_line([1, 2], [0, 1]), on_a_line([1], [0])))
    with pytest.raises(BadInputError, match="not finite"):
        TERMS["full_icnn"](EmbeddedTasks(on_a_line([math.nan, 2], [0, 1]), on_a_line([1, 2], [0, 1])))
