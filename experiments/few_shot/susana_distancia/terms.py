"""The terms that a loss may be made of, by name, and their weighted sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError, suggest
from experiments.few_shot.baselines import nearest_class_mean
from experiments.few_shot.susana_distancia.embedded_tasks import EmbeddedTasks, Points
from experiments.few_shot.susana_distancia.icnn import LeftOut, Score, icnn_loss, modified_score
from experiments.few_shot.susana_distancia.icnn_original import original_score
from experiments.few_shot.susana_distancia.proto_triplet import (
    batch_hard_triplet_loss,
    proto_triplet_loss,
    support_triplet_loss,
)

Term = Callable[[EmbeddedTasks], Tensor]


def weighted_sum(terms: Mapping[str, float], tasks: EmbeddedTasks) -> Tensor:
    """Σ weight · term, a scalar; the authors' code divides every term by their number.

    Raises BadInputError for an unknown name, and where there is no term.
    """
    if not terms:
        raise BadInputError("A loss needs at least one of 'terms'.")
    for name in terms:
        if name not in TERMS:
            raise BadInputError(f"There is no loss term '{name}'.{suggest(name, TERMS)}")
    return torch.stack([weight * TERMS[name](tasks) for name, weight in terms.items()]).sum()


def cross_entropy(tasks: EmbeddedTasks) -> Tensor:
    """Of the queries, by minus the squared distance to the prototypes: the loss of a prototypical network."""
    support, queries = tasks.support, tasks.queries
    scores = nearest_class_mean.classify(support.places, support.labels, queries.places)
    return F.cross_entropy(scores.flatten(0, 1), queries.labels.repeat(len(scores)))


def support_icnn(tasks: EmbeddedTasks) -> Tensor:
    """`suppicnn`: supports among supports. With one shot no point has a relative, and classes only spread."""
    return icnn_loss(modified_score(tasks.support, tasks.support, "itself").total)


def query_icnn(tasks: EmbeddedTasks) -> Tensor:
    """`queryicnn`, queries among supports, which counts the nearest support."""
    return _among(tasks, tasks.support, "nothing")


def query_icnn_as_released(tasks: EmbeddedTasks) -> Tensor:
    """`queryicnn` as the authors' code has it: a query's nearest support is taken for the query itself."""
    return _among(tasks, tasks.support, "nearest")


def prototype_icnn(tasks: EmbeddedTasks) -> Tensor:
    """`queryicnn` with `--query_protos`: queries among prototypes, the nearest of which counts."""
    return _among(tasks, tasks.prototypes, "nothing")


def prototype_icnn_as_released(tasks: EmbeddedTasks) -> Tensor:
    """The same as the authors' code has it, without the nearest prototype."""
    return _among(tasks, tasks.prototypes, "nearest")


def full_icnn(tasks: EmbeddedTasks) -> Tensor:
    """`fullicnn`: supports and queries among themselves; as many neighbours as a class has points."""
    return icnn_loss(_full(tasks).total)


def full_icnn_original(tasks: EmbeddedTasks) -> Tensor:
    """`fullicnn` with the score before it was modified."""
    points = tasks.together
    return icnn_loss(original_score(points, points, "itself"))


def full_icnn_pull(tasks: EmbeddedTasks) -> Tensor:
    """`fullicnn` whose gradient comes through λ_same alone, to tell what its two halves do."""
    score = _full(tasks)
    return icnn_loss(score._replace(separation=score.separation.detach()).total)


def full_icnn_push(tasks: EmbeddedTasks) -> Tensor:
    """`fullicnn` whose gradient comes through λ_diff alone, likewise."""
    score = _full(tasks)
    return icnn_loss(score._replace(compactness=score.compactness.detach()).total)


def _full(tasks: EmbeddedTasks) -> Score:
    points = tasks.together
    return modified_score(points, points, "itself", retrieved=tasks.per_class)


def _among(tasks: EmbeddedTasks, targets: Points, leave_out: LeftOut) -> Tensor:
    return icnn_loss(modified_score(tasks.queries, targets, leave_out).total)


TERMS: dict[str, Term] = {
    "cross": cross_entropy,
    "proto_triplet": proto_triplet_loss,
    "batch_hard_triplet": batch_hard_triplet_loss,
    "support_triplet": support_triplet_loss,
    "support_icnn": support_icnn,
    "query_icnn": query_icnn,
    "query_icnn_as_released": query_icnn_as_released,
    "prototype_icnn": prototype_icnn,
    "prototype_icnn_as_released": prototype_icnn_as_released,
    "full_icnn": full_icnn,
    "full_icnn_pull": full_icnn_pull,
    "full_icnn_push": full_icnn_push,
    "full_icnn_original": full_icnn_original,
}
