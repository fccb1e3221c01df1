"""Random views of a batch of images, each image with draws of its own, without a loop over images.

Images are standardised `[batch, channels, h, w]`; those of colours and of clipping are done on values from 0
to 1.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from common.training.images import Standardise


class Views:
    """Draws views; all chance comes from `draws`."""

    def __init__(self, standardise: Standardise, draws: torch.Generator) -> None:
        self.draws = draws
        self.mean = standardise.mean[None, :, None, None] / 255
        self.deviation = standardise.deviation[None, :, None, None] / 255

    def strong(self, images: Tensor) -> Tensor:
        """Colours, a small affine map, blur, a flip and noise: the views of CoTTA and RoTTA.

        Wang et al. 2022 (arXiv 2203.13591): brightness, contrast and saturation within 40, 30 and 50 %, up
        to 15 degrees, a sixteenth of the side and 10 % of size, blur of up to half a pixel, noise of 0.005.
        """
        pixels = self._pixels(images)
        pixels = self._colours(pixels, brightness=0.4, contrast=0.3, saturation=0.5).clamp(0, 1)
        pixels = self._turned(pixels, degrees=15, shift=1 / 8, scale=0.1)
        pixels = self._blurred(pixels, most=0.5)
        pixels = self._flipped(pixels)
        noise = torch.randn(pixels.shape, generator=self.draws).to(pixels)
        return self._standardised((pixels + 0.005 * noise).clamp(0, 1))

    def mixed(self, image: Tensor, count: int) -> Tensor:
        """Views `[count, channels, h, w]` of one image `[1, channels, h, w]`, in the manner of AugMix.

        Hendrycks et al. 2020 (arXiv 1912.02781): each view is a mixture, by Dirichlet and Beta draws, of the
        image and three chains of one to three operations; here of affine maps, posterisation, solarisation
        and contrast.
        """
        original = self._flipped(self._pixels(image).expand(count, -1, -1, -1))
        weights = self._dirichlet(count, 3)
        mixture = torch.zeros_like(original)
        for chain in range(3):
            mixture += weights[:, chain, None, None, None].to(original) * self._chain(original)
        share = self._beta(count)[:, None, None, None].to(original)
        return self._standardised(share * original + (1 - share) * mixture)

    def _chain(self, pixels: Tensor) -> Tensor:
        lengths = torch.randint(1, 4, (len(pixels),), generator=self.draws).to(pixels.device)
        for place in range(3):
            kinds = torch.randint(0, 4, (len(pixels),), generator=self.draws).to(pixels.device)
            changed = self._operated(pixels, kinds)
            pixels = torch.where((place < lengths)[:, None, None, None], changed, pixels)
        return pixels

    def _operated(self, pixels: Tensor, kinds: Tensor) -> Tensor:
        levels = self._uniform(len(pixels), 0.1, 1.0).to(pixels)[:, None, None, None]
        bits = (8 - (4 * levels).floor()).clamp(4, 8)
        steps = 2**bits - 1
        operations = [
            self._turned(pixels, degrees=30, shift=1 / 3, scale=0.0),
            (pixels * steps).floor() / steps,
            torch.where(pixels < 1 - 0.9 * levels, pixels, 1 - pixels),
            _stretched(pixels),
        ]
        stacked = torch.stack(operations)
        return stacked[kinds, torch.arange(len(pixels), device=pixels.device)]

    def _colours(self, pixels: Tensor, brightness: float, contrast: float, saturation: float) -> Tensor:
        factor = self._factors(pixels, brightness)
        pixels = pixels * factor
        middle = pixels.mean(dim=(1, 2, 3), keepdim=True)
        pixels = middle + (pixels - middle) * self._factors(pixels, contrast)
        grey = pixels.mean(dim=1, keepdim=True)
        return grey + (pixels - grey) * self._factors(pixels, saturation)

    def _turned(self, pixels: Tensor, degrees: float, shift: float, scale: float) -> Tensor:
        """Turned about the centre, shifted by a share of half the side and scaled, bilinear."""
        count = len(pixels)
        angle = self._uniform(count, -degrees, degrees) * math.pi / 180
        size = self._uniform(count, 1 - scale, 1 + scale)
        across, down = self._uniform(count, -shift, shift), self._uniform(count, -shift, shift)
        cosine, sine = angle.cos() / size, angle.sin() / size
        maps = torch.stack([cosine, -sine, across, sine, cosine, down], 1).view(count, 2, 3).to(pixels)
        grid = F.affine_grid(maps, list(pixels.shape), align_corners=False)
        return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)

    def _blurred(self, pixels: Tensor, most: float) -> Tensor:
        """A Gaussian of up to `most` pixels, five wide, its own for each image."""
        count, channels = pixels.shape[:2]
        spread = self._uniform(count, 0.001, most).to(pixels)[:, None]
        places = torch.arange(-2.0, 3.0, device=pixels.device)
        line = (-(places**2) / (2 * spread**2)).softmax(dim=1)
        kernels = (line[:, :, None] * line[:, None, :]).repeat_interleave(channels, dim=0)[:, None]
        padded = F.pad(pixels, (2, 2, 2, 2), mode="reflect").reshape(1, count * channels, *_wider(pixels))
        return F.conv2d(padded, kernels, groups=count * channels).reshape(pixels.shape)

    def _flipped(self, pixels: Tensor) -> Tensor:
        flips = torch.rand(len(pixels), generator=self.draws).to(pixels.device) < 0.5
        return torch.where(flips[:, None, None, None], pixels.flip(3), pixels)

    def _factors(self, pixels: Tensor, reach: float) -> Tensor:
        return self._uniform(len(pixels), 1 - reach, 1 + reach).to(pixels)[:, None, None, None]

    def _uniform(self, count: int, low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=self.draws)

    def _dirichlet(self, count: int, parts: int) -> Tensor:
        """Evenly distributed shares `[count, parts]` that sum to one."""
        waits = -torch.rand(count, parts, generator=self.draws).clamp_min(1e-12).log()
        return waits / waits.sum(dim=1, keepdim=True)

    def _beta(self, count: int) -> Tensor:
        """Beta(1, 1) is the even distribution."""
        return torch.rand(count, generator=self.draws)

    def _pixels(self, images: Tensor) -> Tensor:
        return images * self.deviation.to(images) + self.mean.to(images)

    def _standardised(self, pixels: Tensor) -> Tensor:
        return (pixels - self.mean.to(pixels)) / self.deviation.to(pixels)


def _stretched(pixels: Tensor) -> Tensor:
    """Each channel from its lowest value at 0 to its highest at 1: autocontrast."""
    low, high = pixels.amin((2, 3), keepdim=True), pixels.amax((2, 3), keepdim=True)
    return (pixels - low) / (high - low).clamp_min(1e-6)


def _wider(pixels: Tensor) -> tuple[int, int]:
    return pixels.shape[2] + 4, pixels.shape[3] + 4
