"""RandAugment (Cubuk et al., NeurIPS 2020, arXiv 1909.13719) with one operation, on a whole image set.

Each image is changed by one of the operations, drawn uniformly, at the magnitude M of 30. The list and its
ranges are those of the paper's official code, which differ from Cubuk's: at M = 30 nothing is solarised.
Images with the same operation are changed together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from common.training.image_set import ImageSet

MAGNITUDES = 30
SIDE = 32  # that the ranges in pixels are meant for; they grow with the images
GREY = (125, 123, 114)  # of squares that are cut out
TURNING = ("rotate", "translate_x", "translate_y")  # left out for digits
# Of bytes [n, channels, h, w], the share M / 30, and each image's own chance, numbers in 0..1, [n, 3].
Operation = Callable[[Tensor, float, Tensor], Tensor]


def random_augmented(images: ImageSet, magnitude: int, upright: bool, generator: torch.Generator) -> ImageSet:
    """A copy of the set, augmented; all chance is drawn from `generator`, on the CPU.

    `upright` leaves out rotations and translations.
    """
    listed = [each for name, each in _operations().items() if not (upright and name in TURNING)]
    drawn = torch.randint(len(listed), (len(images),), generator=generator)
    chance = torch.rand(len(images), 3, generator=generator)
    changed = images.images.clone()
    for place, operation in enumerate(listed):
        # Apart by sign, since all images of one call are moved the same way.
        for sign in (chance[:, 0] < 0.5, chance[:, 0] >= 0.5):
            chosen = torch.nonzero((drawn == place) & sign).squeeze(1)
            if len(chosen):
                pixels = images.images[chosen.to(changed.device)].permute(0, 3, 1, 2)
                result = operation(pixels, magnitude / MAGNITUDES, chance[chosen])
                changed[chosen.to(changed.device)] = result.permute(0, 2, 3, 1)
    return replace(images, images=changed)


def _operations() -> dict[str, Operation]:
    from torchvision.transforms.v2 import functional as F

    def enhanced(adjust: Callable[[Tensor, float], Tensor]) -> Operation:
        return lambda x, share, chance: adjust(x, 0.1 + 1.8 * share)

    return {
        "auto_contrast": lambda x, share, chance: F.autocontrast(x),
        "equalize": lambda x, share, chance: F.equalize(x),
        "invert": lambda x, share, chance: F.invert(x),
        "rotate": lambda x, share, chance: F.rotate(x, 30 * share * _sign(chance)),
        "posterize": lambda x, share, chance: F.posterize(x, max(1, int(4 * share))),
        "solarize": lambda x, share, chance: F.solarize(x, min(255, int(256 * share))),
        "solarize_add": lambda x, share, chance: F.solarize(
            (x.int() + int(110 * share)).clamp(0, 255).byte(), 128
        ),
        "colour": enhanced(F.adjust_saturation),
        "contrast": enhanced(F.adjust_contrast),
        "brightness": enhanced(F.adjust_brightness),
        "sharpness": enhanced(F.adjust_sharpness),
        "shear_x": lambda x, share, chance: _sheared(x, 0.3 * share * _sign(chance), 0.0),
        "shear_y": lambda x, share, chance: _sheared(x, 0.0, 0.3 * share * _sign(chance)),
        "cut_out": lambda x, share, chance: cut_out(x, 40 * share * x.shape[3] / SIDE, chance[:, 1:]),
        "translate_x": lambda x, share, chance: _moved(x, 100 * share * _sign(chance), 0.0),
        "translate_y": lambda x, share, chance: _moved(x, 0.0, 100 * share * _sign(chance)),
    }


def cut_out(images: Tensor, size: float, centres: Tensor) -> Tensor:
    """Grey squares of `size` pixels about `centres` `[n, 2]`, which are shares of height and width."""
    count, channels, height, width = images.shape
    colour = torch.tensor(GREY, dtype=images.dtype, device=images.device)[:channels]
    inside = torch.ones(count, 1, height, width, dtype=torch.bool, device=images.device)
    for axis, length in ((2, height), (3, width)):
        first = (centres[:, axis - 2] * length - size / 2).clamp(min=0).int().to(images.device)
        places = torch.arange(length, device=images.device)
        within = (places >= first[:, None]) & (places <= first[:, None] + size)
        inside &= within[:, None, :, None] if axis == 2 else within[:, None, None, :]
    return torch.where(inside, colour[:, None, None], images)


def _sign(chance: Tensor) -> float:
    """That of all images of one call."""
    return -1.0 if chance[0, 0] < 0.5 else 1.0


def _sheared(images: Tensor, across: float, down: float) -> Tensor:
    """By so many pixels for each row or column, about the upper left corner."""
    from torchvision.transforms.v2 import functional as F

    degrees = [math.degrees(math.atan(across)), math.degrees(math.atan(down))]
    sheared: Tensor = F.affine(images, 0.0, [0, 0], 1.0, degrees, center=[0.0, 0.0])
    return sheared


def _moved(images: Tensor, across: float, down: float) -> Tensor:
    """By so many pixels of an image of the side 32, what comes in is black."""
    from torchvision.transforms.v2 import functional as F

    scale = images.shape[3] / SIDE
    moved: Tensor = F.affine(images, 0.0, [round(across * scale), round(down * scale)], 1.0, [0.0, 0.0])
    return moved
