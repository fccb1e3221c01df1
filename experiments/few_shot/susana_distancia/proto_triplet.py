"""The Proto-Triplet loss, and the ordinary triplet loss that it is to be told apart from.

Mendez-Ruiz et al.: SuSana Distancia is all you need, 2023, arXiv 2305.09062, as in the authors' code: for a
query z of class y among prototypes P_c,

    d+ = ‖z − P_y‖,  d− = min over c ≠ y of ‖z − P_c‖,  loss = mean over queries of max(0, d+ − d− + m),

with m = 0.5 and distances √(Σ (·)² + 1e-6) that are not squared. Embeddings are not normalised, so that the
margin means what their scale makes of it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from experiments.few_shot.susana_distancia.embedded_tasks import EmbeddedTasks

MARGIN = 0.5  # code
FLOOR = 1e-6  # code: under the root, so that a distance of zero has a gradient


def proto_triplet_loss(tasks: EmbeddedTasks, margin: float = MARGIN) -> Tensor:
    """The mean hinge over all queries of all tasks; the negative is the nearest foreign prototype."""
    prototypes, queries = tasks.prototypes, tasks.queries
    distances = smoothed_distances(queries.places, prototypes.places)
    own = queries.labels[:, None] == prototypes.labels
    return _hinge(distances.masked_fill(~own, -torch.inf), distances.masked_fill(own, torch.inf), margin)


def batch_hard_triplet_loss(tasks: EmbeddedTasks, margin: float = MARGIN) -> Tensor:
    """The control: the batch-hard triplet loss over all supports and queries, which knows no prototypes.

    Hermans, Beyer, Leibe: In Defense of the Triplet Loss for Person Re-Identification, 2017, arXiv
    1703.07737: for each anchor its farthest positive and its nearest negative in the batch. Here the batch
    is one task, and the distance and the margin are those of the Proto-Triplet loss.
    """
    points = tasks.together
    distances = smoothed_distances(points.places, points.places)
    own = points.labels[:, None] == points.labels
    return _hinge(distances.masked_fill(~own, -torch.inf), distances.masked_fill(own, torch.inf), margin)


def support_triplet_loss(tasks: EmbeddedTasks, margin: float = MARGIN) -> Tensor:
    """Between the two: a query's farthest own and nearest foreign support, in place of prototypes.

    With one shot it is the Proto-Triplet loss; with more it tells what prototypes do from what anchors do.
    """
    support, queries = tasks.support, tasks.queries
    distances = smoothed_distances(queries.places, support.places)
    own = queries.labels[:, None] == support.labels
    return _hinge(distances.masked_fill(~own, -torch.inf), distances.masked_fill(own, torch.inf), margin)


def smoothed_distances(origins: Tensor, targets: Tensor) -> Tensor:
    """√(‖a − b‖² + 1e-6), `[tasks, n, m]`, of `[tasks, n, dimension]` and `[tasks, m, dimension]`."""
    differences = origins[:, :, None] - targets[:, None]
    return (differences.square().sum(-1) + FLOOR).sqrt()


def _hinge(positives: Tensor, negatives: Tensor, margin: float) -> Tensor:
    return F.relu(positives.amax(-1) - negatives.amin(-1) + margin).mean()
