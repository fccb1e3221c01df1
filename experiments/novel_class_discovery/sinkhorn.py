"""Pseudo-labels that use all novel classes equally: Sinkhorn and Knopp's iteration, as SwAV and UNO have it.

Cuturi, "Sinkhorn distances" (2013, arXiv 1306.0895); Caron et al., "Unsupervised Learning of Visual Features
by Contrasting Cluster Assignments" (2020, arXiv 2006.09882), section 3.1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from common.strict import BadInputError


@torch.no_grad()
def balanced_assignments(logits: Tensor, sharpness: float = 0.05, iterations: int = 3) -> Tensor:
    """Soft pseudo-labels `[rows, classes]`: each row sums to one, and each class has about as much of the
    batch.

    Q = exp(logits / sharpness), then in turn: each class is given the mass 1 / classes, each row 1 / rows.
    One row alone can't tell classes apart and gets equal shares.

    Args:
        logits: cosines `[rows, classes]`, float32; no rows give no pseudo-labels.
        sharpness: ε, of the entropy term.
        iterations: of the two divisions.

    Raises:
        BadInputError: for logits that aren't finite.
    """
    if not torch.isfinite(logits).all():
        raise BadInputError("Some logits are not finite: training has diverged; lower its learning rate.")
    if not len(logits):
        return logits.clone()
    rows, classes = logits.shape
    mass = torch.exp((logits - logits.max()) / sharpness)
    for _ in range(iterations):
        mass = mass / (mass.sum(dim=0, keepdim=True).clamp_min(torch.finfo(mass.dtype).tiny) * classes)
        mass = mass / (mass.sum(dim=1, keepdim=True).clamp_min(torch.finfo(mass.dtype).tiny) * rows)
    return mass * rows
