"""Partners for the images of a batch, one half of them of the same class, as Siamese networks are trained."""

from __future__ import annotations

import torch
from torch import Tensor

from common.strict import BadInputError


def drawn_partners(anchors: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Places `[k]` of a partner for each of the places `anchors` `[k]`, drawn from the images `labels` `[n]`.

    One of its class or of another, each with probability one half, and every image of that kind is as
    likely; an image may be its own partner. Raises BadInputError where there is one class alone.
    """
    classes, counts = labels.unique(return_counts=True)
    if len(classes) < 2:
        raise BadInputError("All images are of one class, which makes no pair of two; raise 'old'.")
    by_class = labels.argsort(stable=True)
    places = torch.searchsorted(classes, labels[anchors])
    starts = counts.cumsum(0) - counts
    own, others = counts[places], len(labels) - counts[places]
    alike = torch.rand(len(anchors), generator=generator).to(labels.device) < 0.5
    draws = torch.rand(len(anchors), generator=generator, dtype=torch.float64).to(labels.device)
    ranks = (draws * torch.where(alike, own, others)).long()
    # In the list of all classes, one after another: inside of the own class, or around it.
    around = torch.where(ranks < starts[places], ranks, ranks + own)
    return by_class[torch.where(alike, starts[places] + ranks, around)]
