"""RandAugment on a whole image set at once: Cubuk et al., NeurIPS 2020, arXiv 1909.13719, with N = 1.

Each image is changed by one of the operations, drawn uniformly, at the magnitude M of 30, with a random sign where
it has one. Images with the same operation are changed together, by torchvision, whose ranges these are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from common.training.image_set import ImageSet

MAGNITUDES = 30
Operation = Callable[[Tensor, float], Tensor]  # bytes [n, channels, h, w], share of the range in -1..1

TURNING = ("rotate", "translate_x", "translate_y")  # left out of the upright list


def random_augmented(images: ImageSet, magnitude: int, upright: bool, generator: torch.Generator) -> ImageSet:
    """A copy of the set, augmented; chance is drawn from `generator`, on the CPU."""
    operations = {name: each for name, each in _operations().items() if not (upright and name in TURNING)}
    count = len(images)
    drawn = torch.randint(len(operations), (count,), generator=generator)
    signs = torch.randint(2, (count,), generator=generator) * 2 - 1
    changed = images.images.clone()
    for place, operation in enumerate(operations.values()):
        for sign in (-1, 1):
            chosen = torch.nonzero((drawn == place) & (signs == sign)).squeeze(1).to(changed.device)
            if len(chosen):
                pixels = images.images[chosen].permute(0, 3, 1, 2)
                result = operation(pixels, sign * magnitude / MAGNITUDES)
                changed[chosen] = result.permute(0, 2, 3, 1)
    return replace(images, images=changed)


def _operations() -> dict[str, Operation]:
    """Those of torchvision's RandAugment, whose list of 14 is the paper's, with their ranges."""
    from torchvision.transforms.v2 import functional as F

    def sheared(x: Tensor, degrees: list[float]) -> Tensor:
        # About the upper left corner, as an affine matrix of PIL would.
        moved: Tensor = F.affine(x, 0.0, [0, 0], 1.0, degrees, center=[0.0, 0.0])
        return moved

    def moved(x: Tensor, across: float, down: float) -> Tensor:
        result: Tensor = F.affine(x, 0.0, [int(across), int(down)], 1.0, [0.0, 0.0])
        return result

    return {
        "identity": lambda x, _: x,
        "shear_x": lambda x, share: sheared(x, [math.degrees(math.atan(0.3 * share)), 0.0]),
        "shear_y": lambda x, share: sheared(x, [0.0, math.degrees(math.atan(0.3 * share))]),
        "translate_x": lambda x, share: moved(x, 150 / 331 * x.shape[3] * share, 0),
        "translate_y": lambda x, share: moved(x, 0, 150 / 331 * x.shape[2] * share),
        "rotate": lambda x, share: F.rotate(x, 30 * share),
        "brightness": lambda x, share: F.adjust_brightness(x, 1 + 0.9 * share),
        "colour": lambda x, share: F.adjust_saturation(x, 1 + 0.9 * share),
        "contrast": lambda x, share: F.adjust_contrast(x, 1 + 0.9 * share),
        "sharpness": lambda x, share: F.adjust_sharpness(x, 1 + 0.9 * share),
        "posterize": lambda x, share: F.posterize(x, 8 - round(4 * abs(share))),
        "solarize": lambda x, share: F.solarize(x, 255 * (1 - abs(share))),
        "auto_contrast": lambda x, _: F.autocontrast(x),
        "equalize": lambda x, _: F.equalize(x),
    }
