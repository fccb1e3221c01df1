"""Several random views of each image, large ones and small crops, for the batches of `Descent`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from common.strict import BadInputError
from common.training.image_set import Batch, ImageSet, batch_count
from common.training.images import random_crop_flip


class ViewBatch(Batch):
    """A batch whose `images` are all first views, then all second ones, `[2 * batch, channels, h, w]`.

    `small` are small crops in the same manner, `[count * batch, channels, side, side]`, or None.
    """

    small: Tensor | None = None


@dataclass(frozen=True)
class TwoViews(ImageSet):
    """An image set that gives two crops of each image, each mirrored by chance, in changed brightness and
    contrast.

    Attributes:
        jitter: brightness and contrast are each multiplied by a number from 1 - jitter to 1 + jitter.
        small_crops: further crops of each image, which are windows of its views.
        small_side: of these, in pixels.
    """

    jitter: float = 0.0
    small_crops: int = 0
    small_side: int = 0

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch of random batches, as `ImageSet.shuffled`, but for the second views.

        Raises BadInputError where a small crop doesn't fit into the image.
        """
        self._check()
        standardise = self._standardise_here()
        order = torch.randperm(len(self), generator=generator).to(self.images.device)
        windows = [self._windows(generator) for _ in range(2)]
        for chosen in order.split(size)[: batch_count(len(self), size)]:
            pixels = [self._crops(chosen, each) if each else self.images[chosen] for each in windows]
            large = standardise(self._jittered(torch.cat(pixels), generator))
            batch = ViewBatch(large, self.labels[chosen], chosen)
            batch.small = self._small(large, len(chosen), generator)
            yield batch

    def _check(self) -> None:
        side = min(self.images.shape[1:3])
        if self.small_crops and not 0 < self.small_side <= side:
            raise BadInputError(
                f"Small crops of {self.small_side} pixels can't be cut from images of {side}; "
                "lower 'small_side'."
            )

    def _jittered(self, pixels: Tensor, generator: torch.Generator) -> Tensor:
        """Float32 in 0..255 `[rows, h, w, channels]`: contrast around each image's mean, then brightness."""
        values = pixels.float()
        if not self.jitter:
            return values
        drawn = 1 + self.jitter * (2 * torch.rand(2, len(values), 1, 1, 1, generator=generator) - 1)
        contrast, brightness = drawn.to(values.device)
        mean = values.mean(dim=(1, 2, 3), keepdim=True)
        changed: Tensor = ((values - mean) * contrast + mean) * brightness
        return changed.clamp(0, 255)

    def _small(self, large: Tensor, rows: int, generator: torch.Generator) -> Tensor | None:
        """Windows of the first views, then of the second, in turn."""
        if not self.small_crops:
            return None
        pictures = large.permute(0, 2, 3, 1).split(rows)
        crops = [
            random_crop_flip(pictures[place % 2], self.small_side, generator)
            for place in range(self.small_crops)
        ]
        return torch.cat(crops).permute(0, 3, 1, 2)


def two_views(images: ImageSet, jitter: float, small_crops: int, small_side: int) -> TwoViews:
    """Of the same images."""
    plain = (images.images, images.labels, images.standardise, images.margin)
    return TwoViews(*plain, jitter=jitter, small_crops=small_crops, small_side=small_side)
