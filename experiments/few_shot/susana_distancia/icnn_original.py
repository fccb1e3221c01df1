"""The ICNN score before it was modified for a loss, as the authors' code keeps it beside.

Mendez-Ruiz et al., arXiv 2305.09062, whose code cites arXiv 2107.06992 for it. With d̂_ij the distances of
the k = 5 nearest targets of origin i, brought to 0..1 for each origin, and p = q = r = 2:

    λ = mean over i of (Σ_j [δ_ij d̂_ij + s_ij (1 − d̂_ij)], divided by its largest value over i)^(1/p)
    ω = (1 − Var(same) − Var(different))^(1/q)
    γ = mean over i of (Σ_j s_ij / k)^(1/r)

The score is (λ + γ) / 2, or (λ + γ + ω) / 3. What the two variances are taken over is not known: here over
all d̂_ij of either kind in a task, divided by their number.
"""

from __future__ import annotations

import torch
from torch import Tensor

from experiments.few_shot.susana_distancia.embedded_tasks import Points
from experiments.few_shot.susana_distancia.icnn import EPSILON, LeftOut, Neighbours, nearest

NEIGHBOURS = 5  # code
ROOT = 0.5  # code: 1/p, 1/q and 1/r


def original_score(
    origins: Points,
    targets: Points,
    leave_out: LeftOut,
    neighbours: int = NEIGHBOURS,
    with_variance: bool = False,
) -> Tensor:
    """The score of each task, `[tasks]` in 0..1; arguments and errors as in `icnn.modified_score`."""
    found = nearest(origins, targets, neighbours, leave_out)
    scaled = _zero_to_one(found.distances)
    rewards = torch.where(found.same, 1 - scaled, scaled).sum(-1)
    relative = rewards / (rewards.amax(-1, keepdim=True) + EPSILON)
    neighbourhood = (relative + EPSILON).pow(ROOT).mean(-1)  # lifted off zero, where a root has no gradient
    purity = found.same.to(scaled.dtype).mean(-1).pow(ROOT).mean(-1)
    if not with_variance:
        return (neighbourhood + purity) / 2
    return (neighbourhood + purity + _evenness(Neighbours(scaled, found.same))) / 3


def _zero_to_one(distances: Tensor) -> Tensor:
    low, high = distances.amin(-1, keepdim=True), distances.amax(-1, keepdim=True)
    return (distances - low) / (high - low + EPSILON)


def _evenness(scaled: Neighbours) -> Tensor:
    """ω, at least 0."""
    spread = _variance(scaled.distances, scaled.same) + _variance(scaled.distances, ~scaled.same)
    return (1 - spread).clamp_min(EPSILON).pow(ROOT)


def _variance(values: Tensor, chosen: Tensor) -> Tensor:
    """Of the chosen values of each task, `[tasks]`; 0 where there are none."""
    count = chosen.sum((1, 2)).clamp_min(1)
    mean = torch.where(chosen, values, 0).sum((1, 2)) / count
    return torch.where(chosen, (values - mean[:, None, None]).square(), 0).sum((1, 2)) / count
