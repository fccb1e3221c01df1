"""Labelled images on the device that trains on them, in batches, with or without random crops and flips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from common.training.images import Standardise


class Batch(NamedTuple):
    """Standardised images `[batch, channels, h, w]`, labels and places in the set, both `[batch]`."""

    images: Tensor
    labels: Tensor
    places: Tensor


@dataclass(frozen=True)
class ImageSet:
    """Bytes `[n, h, w, channels]` and int64 labels `[n]`, both on one device.

    `margin` > 0 asks for the augmentation of He et al. 2016, section 4.2: a random crop of the image padded
    with that many black pixels, mirrored with probability one half.
    """

    images: Tensor
    labels: Tensor
    standardise: Standardise
    margin: int = 0
    _padded: list[Tensor] = field(default_factory=list, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, places: Tensor) -> ImageSet:
        """The images at `places`, int64 `[k]`, in that order."""
        places = places.to(self.images.device)
        return replace(self, images=self.images[places], labels=self.labels[places], _padded=[])

    def with_labels(self, labels: Tensor) -> ImageSet:
        """The same images under other labels `[n]`."""
        return replace(self, labels=labels.to(self.labels))

    def joined(self, other: ImageSet) -> ImageSet:
        """The images of both, these first."""
        images, labels = torch.cat([self.images, other.images]), torch.cat([self.labels, other.labels])
        return replace(self, images=images, labels=labels, _padded=[])

    def clean(self, size: int = 1000) -> Iterator[Batch]:
        """All images in order, never augmented."""
        places = torch.arange(len(self), device=self.images.device)
        for chosen in places.split(size):
            yield Batch(self.standardise(self.images[chosen]), self.labels[chosen], chosen)

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch of random batches; all chance is drawn from `generator` (on the CPU) at its start.

        A last batch of a single image is left out: its batch statistics would be those of the image itself.
        """
        device = self.images.device
        order = torch.randperm(len(self), generator=generator).to(device)
        windows = self._windows(generator)
        for chosen in order.split(size):
            if len(chosen) > 1 or len(order) == 1:
                pixels = self._crops(chosen, windows) if windows else self.images[chosen]
                yield Batch(self.standardise(pixels), self.labels[chosen], chosen)

    def _windows(self, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """Rows `[n, h]` and columns `[n, w]` of a crop of each padded image; mirrored ones run backwards."""
        if not self.margin:
            return None
        count, height, width, _ = self.images.shape
        top, left = (torch.randint(2 * self.margin + 1, (count, 1), generator=generator) for _ in range(2))
        mirrored = torch.rand(count, 1, generator=generator) < 0.5
        columns = torch.where(mirrored, torch.arange(width).flip(0), torch.arange(width))
        rows = top + torch.arange(height)
        return rows.to(self.images.device), (left + columns).to(self.images.device)

    def _crops(self, chosen: Tensor, windows: tuple[Tensor, Tensor]) -> Tensor:
        if not self._padded:  # once for all epochs
            self._padded.append(F.pad(self.images, (0, 0, *(self.margin,) * 4)))
        rows, columns = windows[0][chosen], windows[1][chosen]
        return self._padded[0][chosen[:, None, None], rows[:, :, None], columns[:, None, :]]
