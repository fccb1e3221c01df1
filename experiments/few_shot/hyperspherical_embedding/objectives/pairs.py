"""What the losses of pairs share: distances between unit vectors, and which pairs are of one class."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError

_SMALLEST = 1e-12  # of a squared distance: the root's slope is infinite at 0


def unit_distances(embeddings: Tensor) -> Tensor:
    """Euclidean distances `[batch, batch]`, in 0..2, between embeddings divided by their lengths."""
    unit = F.normalize(embeddings, dim=-1)
    return (2 - 2 * unit @ unit.T).clamp_min(_SMALLEST).sqrt()


def same_class(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Which pairs of two images are of one class, and which of two; both bool `[batch, batch]`.

    Raises BadInputError where there is none of one kind.
    """
    equal = labels[:, None] == labels
    alike = equal & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    if not alike.any() or equal.all():
        kind = "two classes" if equal.all() else "one class"
        raise BadInputError(
            f"A batch of {len(labels)} image(s) has no pair of {kind}; raise 'batch_size' or 'old'."
        )
    return alike, ~equal
