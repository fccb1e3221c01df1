"""The ICNN score (inter- and intra-class nearest neighbours) and the loss −log(score).

Mendez-Ruiz et al.: SuSana Distancia is all you need, 2023, arXiv 2305.09062, as in the authors' code
(`modified_score`). Every origin i has ascending distances d_ij to its nearest targets, of which those of
its own class have s_ij = 1 and others δ_ij = 1 − s_ij. With e_i = min {d_ij : δ_ij = 1} and j running over
k neighbours:

    r_ij   = d_ij / (e_i + ε), divided by max(1, max_j r_ij)
    λ_same = 1 − mean over {i : Σ s_ij > 0} of Σ s_ij r_ij / (Σ s_ij + ε)
    λ_diff = mean over {i : Σ δ_ij > 0} of Σ δ_ij d_ij / (Σ δ_ij + ε), divided by max_ij δ_ij d_ij
    γ      = mean over i of Σ s_ij / k
    score  = ((λ_same + λ_diff) / 2 + γ) / 2

No gradient flows through γ, nor through who is whose neighbour. Deviations: foreign neighbours are told by
their labels, where the code asks whether a product of label and distance is zero, so that a foreign
duplicate counts as a relative; and the code leaves the nearest target out, whatever it is, where here only
the origin itself is, unless `leave_out` says otherwise.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from common.strict import BadInputError
from experiments.few_shot.susana_distancia.embedded_tasks import Points

NEIGHBOURS = 4  # code
EPSILON = 1e-7  # code

# Which target an origin doesn't see: itself, where origins are targets, or its nearest one.
LeftOut = Literal["itself", "nearest", "nothing"]


class Neighbours(NamedTuple):
    """The nearest targets of every origin, nearest first: distances and whether they share its class."""

    distances: Tensor  # [tasks, origins, count]
    same: Tensor  # bool, as above


class Score(NamedTuple):
    """The score of each task and what it is made of, all `[tasks]` in 0..1."""

    compactness: Tensor  # λ_same
    separation: Tensor  # λ_diff
    purity: Tensor  # γ

    @property
    def total(self) -> Tensor:
        """Larger is better separated."""
        return ((self.compactness + self.separation) / 2 + self.purity) / 2


def modified_score(
    origins: Points,
    targets: Points,
    leave_out: LeftOut,
    neighbours: int = NEIGHBOURS,
    retrieved: int | None = None,
) -> Score:
    """How well the classes of `targets` are separated around `origins`, for each task.

    Args:
        leave_out: `itself` where origins are targets; `nearest` is what the authors' code does in any case.
        neighbours: k; at most two fewer than there are targets.
        retrieved: neighbours among which the nearest foreign one is looked for; k + 1 by default.

    Raises:
        BadInputError: for fewer than three targets, and for origins or targets that are not finite.
    """
    count = min(neighbours, len(targets.labels) - 2)
    everything_near = neighbours + 2 >= len(targets.labels)
    found = nearest(origins, targets, max(count, retrieved or count + 1), leave_out)
    foreign = torch.where(found.same, torch.inf, found.distances).amin(-1, keepdim=True)
    near = Neighbours(found.distances[..., :count], found.same[..., :count])
    purity = near.same.to(near.distances.dtype).mean((1, 2))
    return Score(
        _compactness(near, foreign),
        _separation(near),
        torch.ones_like(purity) if everything_near else purity,
    )


def icnn_loss(score: Tensor) -> Tensor:
    """−log(score), the mean over tasks; a score of zero is lifted to ε."""
    return -score.clamp_min(EPSILON).log().mean()


def nearest(origins: Points, targets: Points, count: int, leave_out: LeftOut) -> Neighbours:
    """The `count` nearest targets of each origin by Euclidean distance, or all where there are fewer.

    Raises BadInputError for fewer than three targets, and where a point is not finite.
    """
    if len(targets.labels) < 3:
        raise BadInputError(
            f"The ICNN score needs three or more targets, not {len(targets.labels)}; raise 'ways' or 'shots'."
        )
    if not (torch.isfinite(origins.places).all() and torch.isfinite(targets.places).all()):
        raise BadInputError("Some embeddings are not finite: training has diverged; lower its learning rate.")
    # Not by products of points, whose rounding would blur what is near.
    exact = "donot_use_mm_for_euclid_dist"
    distances = torch.cdist(origins.places, targets.places, compute_mode=exact)
    if leave_out == "itself":  # before any duplicate of it
        itself = torch.eye(len(targets.labels), dtype=torch.bool, device=distances.device)
        distances = torch.where(itself, -1, distances)
    first = int(leave_out != "nothing")
    found, places = distances.topk(min(first + count, len(targets.labels)), largest=False, sorted=True)
    same = targets.labels[places] == origins.labels[:, None]
    return Neighbours(found[..., first:], same[..., first:])


def _compactness(near: Neighbours, foreign: Tensor) -> Tensor:
    """λ_same; 1 where no origin has a neighbour of its class."""
    relative = near.distances / (foreign + EPSILON)
    relative = relative / relative.amax(-1, keepdim=True).clamp_min(1)
    return 1 - mean_where(relative, near.same)


def _separation(near: Neighbours) -> Tensor:
    """λ_diff; 1 where no origin has a neighbour of another class."""
    distances = torch.where(near.same, 0, near.distances)
    relative = distances / (distances.amax((1, 2), keepdim=True) + EPSILON)
    return torch.where(near.same.all(-1).all(-1), 1, mean_where(relative, ~near.same))


def mean_where(values: Tensor, chosen: Tensor) -> Tensor:
    """The mean over chosen neighbours, then over origins that have any; 0 for a task that has none."""
    counts = chosen.sum(-1)
    means = torch.where(chosen, values, 0).sum(-1) / (counts + EPSILON)
    return means.sum(-1) / (counts > 0).sum(-1).clamp_min(1)
