"""Batches with equally many images of each class, for losses that compare images with each other."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from common.strict import BadInputError

LEAST = 4  # images of a class in a batch


def balanced_batches(labels: Tensor, size: int, count: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Places `[classes in the batch * images of each]`, `count` times, as many images as fit into `size`.

    Where there are more classes than `size` has room for four images of, each batch has a random choice.
    A class's images are dealt out like cards: all come once before one comes again, in a new order.
    Raises BadInputError where a batch has no room for two classes.
    """
    decks = [_Deck(torch.nonzero(labels == label).flatten(), generator) for label in labels.unique()]
    together = min(len(decks), size // LEAST)
    if together < 2:
        raise BadInputError(
            f"A batch of {size} images with {LEAST} of a class has no two of {len(decks)} class(es); raise "
            "'batch_size' or 'old'."
        )
    for _ in range(count):
        chosen = torch.randperm(len(decks), generator=generator)[:together].tolist()
        yield torch.cat([decks[place].deal(size // together) for place in chosen])


class _Deck:
    """The places of one class's images, shuffled anew when they run out."""

    def __init__(self, places: Tensor, generator: torch.Generator) -> None:
        self._places, self._generator = places, generator
        self._left = places[:0]

    def deal(self, count: int) -> Tensor:
        while len(self._left) < count:
            order = torch.randperm(len(self._places), generator=self._generator)
            self._left = torch.cat([self._left, self._places[order.to(self._places.device)]])
        dealt, self._left = self._left[:count], self._left[count:]
        return dealt
