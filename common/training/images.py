"""Images on the device: normalisation, and random crops and flips as one tensor program per batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Standardise:
    """Per-channel standardisation of byte images, with the mean and deviation of the training set."""

    mean: Tensor  # [channels], in 0..255
    deviation: Tensor  # [channels]

    @classmethod
    def of(cls, images: Tensor) -> Standardise:
        """Fit to byte images `[n, h, w, channels]`; raises ValueError on an empty set."""
        if len(images) == 0:
            raise ValueError("Standardise.of needs at least one image.")
        # Counted, not summed: exact, whatever the order, and without an 8-byte copy of every pixel.
        channels = images.reshape(-1, images.shape[-1]).unbind(dim=1)
        counts = torch.stack([torch.bincount(channel, minlength=256) for channel in channels]).double()
        values = torch.arange(256, dtype=torch.float64, device=images.device)
        total = counts.sum(dim=1)
        mean = counts @ values / total
        variance = counts @ values**2 / total - mean**2
        return cls(mean.float(), variance.sqrt().float())

    def __call__(self, images: Tensor) -> Tensor:
        """Byte images `[batch, h, w, channels]` to float32 `[batch, channels, h, w]`, channels last."""
        scaled = (images.float() - self.mean.to(images.device)) / self.deviation.to(images.device)
        # The permuted view of a contiguous [b, h, w, c] tensor is already in the channels-last layout.
        return scaled.permute(0, 3, 1, 2)


def pad_reflect(images: Tensor, margin: int) -> Tensor:
    """Byte images `[n, h, w, c]` with a reflected border of `margin` pixels."""
    if margin == 0:
        return images
    planes = images.permute(0, 3, 1, 2).float()
    return F.pad(planes, (margin,) * 4, mode="reflect").to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def random_crop_flip(images: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """One random `side` x `side` crop of each image, mirrored with probability one half.

    Args:
        images: bytes `[batch, h, w, channels]`, h and w at least `side`.
        side: of the crop, in pixels.
        generator: on the CPU.

    Returns:
        bytes `[batch, side, side, channels]`.
    """
    batch, height, width, _ = images.shape
    top = torch.randint(height - side + 1, (batch, 1), generator=generator)
    left = torch.randint(width - side + 1, (batch, 1), generator=generator)
    mirrored = torch.rand(batch, 1, generator=generator) < 0.5
    offsets = torch.arange(side)
    rows = (top + offsets)[:, :, None].to(images.device)
    columns = (left + torch.where(mirrored, offsets.flip(0), offsets))[:, None, :].to(images.device)
    return images[torch.arange(batch, device=images.device)[:, None, None], rows, columns]
