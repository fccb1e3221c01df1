"""NCL's contrastive loss: neighbours in a queue count as positives, and hard negatives are mixed.

Zhong, Fini, Roy, Luo, Ricci, Sebe: Neighborhood Contrastive Learning for Novel Class Discovery, CVPR 2021,
arXiv 2106.10731. All features have length one; δ(a, b) is their product over a temperature.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

UNLABELLED, LABELLED, CLASSES = "unlabelled_queue", "labelled_queue", "classes_of_the_labelled_queue"


def neighbourhood_loss(
    anchors: Tensor, views: Tensor, queue: Tensor, hard: Tensor, neighbours: int, temperature: float
) -> Tensor:
    """Half for the own other view, half for the nearest in the queue, 0 without rows.

    -log of the softmax of δ over the view, the queue and hard negatives, at the view and, as a mean, at the
    `neighbours` entries of the queue that are nearest to the anchor.

    Args:
        anchors: `[rows, d]`.
        views: of the same images, `[rows, d]`.
        queue: features of earlier batches, `[entries, d]`.
        hard: negatives that were mixed for each anchor, `[rows, mixed, d]`.
        neighbours: how many of the queue count as positives.
        temperature: of δ.
    """
    if not len(anchors):
        return anchors.sum()
    to_view = (anchors * views).sum(dim=1, keepdim=True)
    to_queue = anchors @ queue.T
    to_hard = torch.einsum("rd,rmd->rm", anchors, hard)
    log_shares = F.log_softmax(torch.cat([to_view, to_queue, to_hard], dim=1) / temperature, dim=1)
    own = -log_shares[:, 0].mean()
    count = min(neighbours, len(queue))
    if not count:
        return own
    nearest = to_queue.topk(count, dim=1).indices
    return (own - log_shares.gather(1, 1 + nearest).mean()) / 2


def supervised_contrast(
    anchors: Tensor, labels: Tensor, queue: Tensor, classes: Tensor, temperature: float
) -> Tensor:
    """-log of the softmax of δ over the queue of labelled features, meaned over those of the anchor's class.

    Anchors `[rows, d]` and their labels `[rows]`; the queue `[entries, d]` and its classes `[entries]`. An
    anchor whose class the queue lacks counts for nothing.
    """
    same = (labels[:, None] == classes[None]).to(anchors)
    counted = same.sum(dim=1)
    if not bool(counted.sum() > 0):
        return 0.0 * anchors.sum()
    log_shares = F.log_softmax(anchors @ queue.T / temperature, dim=1)
    by_anchor = -(same * log_shares).sum(dim=1) / counted.clamp_min(1)
    return by_anchor[counted > 0].mean()


@torch.no_grad()
def hard_negatives(anchors: Tensor, queue: Tensor, labelled: Tensor, easy: int, kept: int) -> Tensor:
    """The `kept` mixtures nearest to each anchor, `[rows, kept, d]`, of a labelled and an easy negative
    feature.

    Easy are the `easy` entries of the queue that are least similar to the anchor. Labelled images are of
    other classes for certain, so that a mixture is a negative too. Deviation: half of each, in place of a
    random share.
    """
    easy = min(easy, len(queue))
    if not easy or not len(labelled):
        return anchors.new_empty(len(anchors), 0, anchors.shape[1])
    least = (anchors @ queue.T).topk(easy, dim=1, largest=False).indices
    partners = labelled[torch.arange(easy, device=anchors.device) % len(labelled)]
    mixed = F.normalize(queue[least] + partners, dim=2)
    nearest = torch.einsum("rd,red->re", anchors, mixed).topk(min(kept, easy), dim=1).indices
    return mixed.gather(1, nearest[:, :, None].expand(-1, -1, anchors.shape[1]))


def empty_queues(dimension: int, device: torch.device) -> dict[str, Tensor]:
    """Queues of no entries, by their names."""
    return {
        UNLABELLED: torch.empty(0, dimension, device=device),
        LABELLED: torch.empty(0, dimension, device=device),
        CLASSES: torch.empty(0, dtype=torch.int64, device=device),
    }


def enqueue(queue: Tensor, newest: Tensor, size: int) -> Tensor:
    """The `size` newest entries, the very newest first."""
    return torch.cat([newest.detach(), queue])[:size]
