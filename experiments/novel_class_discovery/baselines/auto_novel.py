"""AutoNovel: pairs of images with the same strongest features are of one class.

Han, Rebuffi, Ehrhardt, Vedaldi, Zisserman: Automatically Discovering and Learning New Visual Categories with
Ranking Statistics, ICLR 2020, arXiv 2002.05714, its incremental variant: CE on labels + BCE on pairs without
labels + MSE between views + CE of the joint head on the novel head's own choices, the last two ramped up.

Deviations: the network is UNO's (cosine heads, all layers learn), and stage 1 the same for all methods,
without self-supervision before it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from experiments.novel_class_discovery.looks import Looks
from experiments.novel_class_discovery.pairs import consistency, pair_loss, ramp_up, rank_statistics


def losses(looks: Looks) -> Tensor:
    """Of each head, `[heads]`. Reads `temperature`, `top`, `consistency`, `increment` and `ramp_up`."""
    features = looks.first.features[looks.hidden].detach()
    return joint_losses(looks, rank_statistics(features, looks.settings.top))


def joint_losses(looks: Looks, similar: Tensor) -> Tensor:
    """Of each head, `[heads]`, for given pairs `[hidden rows, hidden rows]` of one class."""
    return torch.stack([_head_loss(looks, head, similar) for head in range(len(looks.first.novel))])


def _head_loss(looks: Looks, head: int, similar: Tensor) -> Tensor:
    settings, hidden = looks.settings, looks.hidden
    first, second = (view.novel[head] / settings.temperature for view in (looks.first, looks.second))
    known, again = (view.known / settings.temperature for view in (looks.first, looks.second))
    agreement = consistency(first[hidden], second[hidden]) if hidden.any() else first.sum() * 0
    if not hidden.all():
        agreement = agreement + consistency(known[~hidden], again[~hidden])
    # The joint head: labels as they are, hidden ones as the novel head has them.
    joint = torch.cat([known, first], dim=1)
    chosen = torch.where(hidden, known.shape[1] + first.detach().argmax(dim=1), looks.labels)
    entropies = F.cross_entropy(joint, chosen, reduction="none")
    risen = ramp_up(looks.epoch, settings.ramp_up)
    labelled, unlabelled = (_mean_where(entropies, part) for part in (~hidden, hidden))
    gradual = settings.consistency * agreement + settings.increment * unlabelled
    return labelled + pair_loss(first[hidden], second[hidden], similar) + risen * gradual


def _mean_where(values: Tensor, part: Tensor) -> Tensor:
    """0 where the part is empty."""
    return (values * part).sum() / part.sum().clamp_min(1)
