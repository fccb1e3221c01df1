"""UNO: one cross-entropy for labels and pseudo-labels, which each view predicts of the other.

Fini, Sangineto, Lathuilière, Zhong, Nabi, Ricci: A Unified Objective for Novel Class Discovery, ICCV 2021,
arXiv 2108.08536. With ℓ = [h_l(x); h_u(x)]: L = CE(ℓ(v₁), y(v₂)) + CE(ℓ(v₂), y(v₁)), where y is one-hot for a
labelled image and [0; Sinkhorn(h_u)] for one without a label. Small crops predict the targets of both views.
All is divided by the number of its terms, so that a learning rate means the same with and without small
crops.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from experiments.novel_class_discovery.looks import Looks
from experiments.novel_class_discovery.network import Outputs
from experiments.novel_class_discovery.sinkhorn import balanced_assignments


def losses(looks: Looks) -> Tensor:
    """Of each head, `[heads]`. Reads `temperature`."""
    temperature = looks.settings.temperature
    wanted = [targets(view, looks.labels, looks.hidden) for view in (looks.first, looks.second)]
    terms = [
        soft_losses(looks.first.joint(), wanted[1], temperature),
        soft_losses(looks.second.joint(), wanted[0], temperature),
    ]
    if looks.small is not None:
        crops = looks.small.split(len(looks.labels))
        terms += [soft_losses(crop.joint(), each, temperature) for crop in crops for each in wanted]
    return torch.stack(terms).mean(dim=0)


@torch.no_grad()
def targets(view: Outputs, labels: Tensor, hidden: Tensor) -> Tensor:
    """What other views shall predict, `[heads, rows, known + novel]`; each row sums to one."""
    known = view.known.shape[1]
    found = torch.zeros_like(view.joint())
    shown = F.one_hot(labels.clamp_min(0), known).to(found)
    found[:, :, :known] = shown.masked_fill(hidden[:, None], 0.0)
    for head, logits in enumerate(view.novel):
        found[head, hidden, known:] = balanced_assignments(logits[hidden])
    return found


def soft_losses(logits: Tensor, wanted: Tensor, temperature: float) -> Tensor:
    """Cross-entropy of each head, `[heads]`, with soft targets; both `[heads, rows, classes]`."""
    return -(wanted * F.log_softmax(logits / temperature, dim=2)).sum(dim=2).mean(dim=1)
