"""TabularNCD's pairs of unlabelled rows: which are taken for similar, and the loss that joins them."""

from __future__ import annotations

import torch
from torch import Tensor


class PairQueue:
    """Latents and probabilities `[trials, at most size, …]` of the last rows, which get no gradient."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.latents: Tensor | None = None
        self.probabilities: Tensor | None = None

    def push(self, latents: Tensor, probabilities: Tensor) -> None:
        """Append rows, and drop the oldest that are too many."""
        if not self._size:
            return
        if self.latents is not None and self.probabilities is not None:
            latents = torch.cat([self.latents, latents], dim=1)
            probabilities = torch.cat([self.probabilities, probabilities], dim=1)
        self.latents, self.probabilities = (part[:, -self._size :] for part in (latents, probabilities))

    def with_batch(self, latents: Tensor, probabilities: Tensor) -> tuple[Tensor, Tensor]:
        """A batch and, after it, the queue."""
        if self.latents is None or self.probabilities is None:
            return latents, probabilities
        return (
            torch.cat([latents, self.latents], dim=1),
            torch.cat([probabilities, self.probabilities], dim=1),
        )


def pair_loss(latents: Tensor, probabilities: Tensor, queue: PairQueue, shares: Tensor) -> Tensor:
    """Mean binary cross-entropy `[trials]` between p_i . p_j and whether j is among the most similar of i.

    Args:
        latents: of unit length, without gradient, `[trials, batch, latent]`.
        probabilities: of clusters, `[trials, batch, clusters]`.
        queue: further partners.
        shares: of all partners that are taken for similar, `[trials]`; at least one partner is.
    """
    others, their = queue.with_batch(latents, probabilities)
    similar = most_similar(latents @ others.transpose(1, 2), shares)
    agreement = (probabilities @ their.transpose(1, 2)).clamp(1e-6, 1 - 1e-6)
    likely = torch.where(similar, agreement, 1 - agreement).log()
    own = likely.diagonal(dim1=1, dim2=2).sum(dim=1)
    batch, partners = likely.shape[1:]
    return (own - likely.sum(dim=(1, 2))) / (batch * partners - batch)


def most_similar(similarities: Tensor, shares: Tensor) -> Tensor:
    """Whether each partner `[trials, batch, partners]` is among the share of the most similar of its row.

    A row is no partner of its own: entries [:, i, i] are never among them. Of equally similar ones at the
    border all are.
    """
    trials, _, partners = similarities.shape
    others = similarities.clone()
    others.diagonal(dim1=1, dim2=2).fill_(-torch.inf)
    wanted = (shares * (partners - 1)).round().long().clamp(1, max(1, partners - 1))
    lowest = [
        others[trial].kthvalue(partners + 1 - int(wanted[trial]), dim=1).values for trial in range(trials)
    ]
    return others >= torch.stack(lowest)[:, :, None]
