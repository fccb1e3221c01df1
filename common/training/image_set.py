"""Labelled images on the device that trains on them, in batches, with or without random crops and flips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError
from common.training.images import Standardise


class Batch(NamedTuple):
    """Standardised images `[batch, channels, h, w]`, labels and places in the set, both `[batch]`."""

    images: Tensor
    labels: Tensor
    places: Tensor


class _Windows(NamedTuple):
    """A crop of each padded image: its first row and column, and whether it is mirrored, all `[n]`."""

    top: Tensor
    left: Tensor
    mirrored: Tensor


def batch_count(images: int, size: int) -> int:
    """Batches of an epoch: a last one below half the size is left out, unless there is no other.

    Its few images would weigh as much as a whole batch, in the step and in the statistics that
    normalisation keeps for evaluation.
    """
    whole, rest = divmod(images, size)
    return whole + (2 * rest >= size or whole == 0)


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

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, places: Tensor) -> ImageSet:
        """The images at `places`, int64 `[k]`, in that order."""
        places = places.to(self.images.device)
        return replace(self, images=self.images[places], labels=self.labels[places])

    def with_labels(self, labels: Tensor) -> ImageSet:
        """The same images under other labels `[n]`; raises BadInputError where there are more or fewer."""
        if labels.shape != self.labels.shape:
            raise BadInputError(f"{len(self)} images can't take labels of the shape {list(labels.shape)}.")
        return replace(self, labels=labels.to(self.labels))

    def joined(self, other: ImageSet) -> ImageSet:
        """The images of both, these first, standardised and augmented as these."""
        images, labels = torch.cat([self.images, other.images]), torch.cat([self.labels, other.labels])
        return replace(self, images=images, labels=labels)

    def clean(self, size: int = 1000) -> Iterator[Batch]:
        """All images in order, never augmented."""
        standardise = self._standardise_here()
        places = torch.arange(len(self), device=self.images.device)
        for chosen in places.split(size):
            yield Batch(standardise(self.images[chosen]), self.labels[chosen], chosen)

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch of random batches; all chance is drawn from `generator` (on the CPU) at its start.

        There are `batch_count` of them: what is left over is left out. Nothing waits for a GPU in between.
        """
        standardise = self._standardise_here()
        order = torch.randperm(len(self), generator=generator).to(self.images.device)
        windows = self._windows(generator)
        for chosen in order.split(size)[: batch_count(len(self), size)]:
            pixels = self._crops(chosen, windows) if windows else self.images[chosen]
            yield Batch(standardise(pixels), self.labels[chosen], chosen)

    def _standardise_here(self) -> Standardise:
        """With its constants on the device: to copy them for each batch would make a GPU wait."""
        device = self.images.device
        return Standardise(self.standardise.mean.to(device), self.standardise.deviation.to(device))

    def _windows(self, generator: torch.Generator) -> _Windows | None:
        if not self.margin:
            return None
        top, left = (torch.randint(2 * self.margin + 1, (len(self),), generator=generator) for _ in range(2))
        mirrored = torch.rand(len(self), generator=generator) < 0.5
        return _Windows(*(drawn.to(self.images.device) for drawn in (top, left, mirrored)))

    @cached_property
    def _padded(self) -> Tensor:
        """Of this set alone: a changed copy pads its own images by its own margin."""
        return F.pad(self.images, (0, 0, *(self.margin,) * 4))

    def _crops(self, chosen: Tensor, windows: _Windows) -> Tensor:
        """Bytes `[batch, h, w, channels]`; a mirrored crop reads its columns backwards."""
        _, height, width, channels = self.images.shape
        across = torch.arange(width, device=chosen.device)
        top, left, mirrored = (drawn[chosen, None] for drawn in windows)
        rows = top + torch.arange(height, device=chosen.device)
        columns = left + torch.where(mirrored, across.flip(0), across)
        # One number per pixel: on a CPU four times as fast as an index for each of three axes.
        lines = chosen[:, None] * (height + 2 * self.margin) + rows
        pixels = lines[:, :, None] * (width + 2 * self.margin) + columns[:, None, :]
        crops = self._padded.view(-1, channels).index_select(0, pixels.flatten())
        return crops.view(len(chosen), height, width, channels)
