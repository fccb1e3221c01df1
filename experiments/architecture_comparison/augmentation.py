"""The augmentations of long recipes: mixup and cutmix, random erasing, RandAugment."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from common.training.image_set import ImageSet

LEAST_AREA, MOST_AREA, MOST_STRETCH = 0.02, 1 / 3, 1 / 0.3  # Zhong et al. 2020, as timm has them
STRONGEST = 10.0  # the highest level of RandAugment
POSTERISE = "PosterizeIncreasing"  # as timm calls it in recipes with `inc1`


@dataclass(frozen=True)
class Targets:
    """Labels `[batch]`, and those of what each image was mixed with, which it is to a share of `1 - kept`."""

    labels: Tensor
    others: Tensor
    kept: float = 1.0

    def loss(self, logits: Tensor, smoothing: float) -> Tensor:
        """Mean cross-entropy to both, by their shares; smoothed (Szegedy et al. 2016)."""
        own = F.cross_entropy(logits, self.labels, label_smoothing=smoothing)
        if self.kept == 1.0:
            return own
        other = F.cross_entropy(logits, self.others, label_smoothing=smoothing)
        return self.kept * own + (1 - self.kept) * other


class Mixing:
    """Mixes each batch with its reverse: mixup (Zhang et al. 2018) or cutmix (Yun et al. 2019).

    Where both are asked for, either has an equal chance, as in DeiT's recipe.
    """

    def __init__(self, mixup: float, cutmix: float, seed: int) -> None:
        self._alphas = {"mixup": mixup, "cutmix": cutmix}
        self._draws = np.random.default_rng(seed)

    def mixed(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Targets]:
        """Images `[batch, channels, h, w]`, mixed, and what they are now."""
        asked = [name for name, alpha in self._alphas.items() if alpha]
        if not asked:
            return images, Targets(labels, labels)
        which = asked[self._draws.integers(len(asked))]
        kept = float(self._draws.beta(self._alphas[which], self._alphas[which]))
        if which == "mixup":
            return kept * images + (1 - kept) * images.flip(0), Targets(labels, labels.flip(0), kept)
        return self._pasted(images, labels, kept)

    def _pasted(self, images: Tensor, labels: Tensor, kept: float) -> tuple[Tensor, Targets]:
        """With a box of the share `1 - kept`, cut off at the border; labels keep the share that is left."""
        height, width = images.shape[2:]
        halves = [int(extent * (1 - kept) ** 0.5) / 2 for extent in (height, width)]
        middle = [self._draws.integers(extent) for extent in (height, width)]
        top, left = (max(0, int(at - half)) for at, half in zip(middle, halves, strict=True))
        bottom, right = (
            min(extent, int(at + half))
            for at, half, extent in zip(middle, halves, (height, width), strict=True)
        )
        images = images.clone()
        images[:, :, top:bottom, left:right] = images.flip(0)[:, :, top:bottom, left:right]
        kept = 1 - (bottom - top) * (right - left) / (height * width)
        return images, Targets(labels, labels.flip(0), kept)


def erase(images: Tensor, chance: float) -> Tensor:
    """Random erasing (Zhong et al. 2020) of standardised images `[batch, channels, h, w]`, filled with noise.

    Draws from torch's generator. A box that doesn't fit is left out, where timm tries again.
    """
    height, width = images.shape[2:]
    images = images.clone()
    for place in torch.nonzero(torch.rand(len(images)) < chance).flatten().tolist():
        area, stretch, down, across = torch.rand(4).tolist()
        pixels = height * width * (LEAST_AREA + area * (MOST_AREA - LEAST_AREA))
        ratio = MOST_STRETCH ** (2 * stretch - 1)
        high, wide = round((pixels * ratio) ** 0.5), round((pixels / ratio) ** 0.5)
        if high < height and wide < width:
            top, left = int(down * (height - high + 1)), int(across * (width - wide + 1))
            noise = torch.randn(images.shape[1], high, wide)
            images[place, :, top : top + high, left : left + wide] = noise.to(images)
    return images


def random_augmented(images: ImageSet, seed: int) -> ImageSet:
    """The set with RandAugment (Cubuk et al. 2020) of magnitude 9 applied to each image, by timm.

    Posterising keeps `bits_kept`, so that no image becomes black.
    """
    from PIL import Image

    fill = tuple(int(value) for value in images.standardise.mean.tolist())
    shift = int(0.45 * images.images.shape[1])
    change = random_augmentation(shift, fill)
    with _seeded_globals(seed):
        pixels = [np.asarray(change(Image.fromarray(image))) for image in images.images.cpu().numpy()]
    return replace(images, images=torch.from_numpy(np.stack(pixels)).to(images.images.device))


def random_augmentation(shift: int, fill: tuple[int, ...]) -> Any:
    """timm's transformation of a PIL image, moving it by up to `shift` pixels and filling with `fill`."""
    from timm.data.auto_augment import rand_augment_transform

    change = rand_augment_transform("rand-m9-mstd0.5-inc1", {"translate_const": shift, "img_mean": fill})
    for operation in change.ops:
        if operation.name == POSTERISE:
            operation.level_fn = lambda level, _: (bits_kept(level),)
    return change


def bits_kept(level: float) -> int:
    """Highest bits of a pixel that posterising leaves at a level in [0, 10]: 4 at the weakest, 1 at the last.

    timm's, which recipes in its words mean, goes on to none at level 10: it draws the level from a normal
    distribution around 9, so one posterised image in 44 would be black. AutoAugment (Cubuk et al. 2019) and
    RandAugment keep 4 to 8 bits.
    """
    return max(1, 4 - int(4 * level / STRONGEST))


@contextmanager
def _seeded_globals(seed: int) -> Iterator[None]:
    """Seed the generators that timm's augmentations draw from, and put them back afterwards."""
    before = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
