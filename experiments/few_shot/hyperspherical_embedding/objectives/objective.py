"""What every objective has: a loss of a batch of embeddings, and perhaps a vector of each class."""

from __future__ import annotations

from torch import Tensor, nn


class Objective(nn.Module):
    """A loss with the parameters that belong to it and not to the embedding.

    `balanced` asks for batches with equally many images of each class: the losses of pairs need company.
    `paired` asks for a partner of each image, which stand behind all of them.
    """

    balanced = False
    paired = False

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """A differentiable scalar of float32 `[batch, dimension]` and int64 `[batch]`, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__} defines no loss")

    def after_step(self) -> None:
        """Called after each step of the optimiser."""

    def columns(self) -> Tensor | None:
        """A vector of length one for each class, `[classes, dimension]`; None for losses without them."""
        return None
