"""Batches of images: what a corruption accepts, and the way from bytes to [0, 1] and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError

Images = NDArray[np.uint8]  # [images, height, width, 3]
Values = NDArray[np.float64]

SMALLEST_SIDE = 28

# A value that is a whole grey level but for rounding error must not lose a level to the truncation;
# without this, the bytes would depend on the processor that computed them.
ROUNDING_ERROR = 1e-6


def check_images(images: NDArray[Any]) -> None:
    """Raise BadInputError unless `images` is uint8 [images, height, width, 3], 28 pixels a side or more."""
    if images.dtype != np.uint8:
        raise BadInputError(
            f"Corruptions take images of dtype uint8 with values 0 to 255, not {images.dtype}. "
            f"Convert them, for instance with (images * 255).round().astype('uint8')."
        )
    if images.ndim != 4 or images.shape[3] != 3 or min(images.shape[1:3]) < SMALLEST_SIDE:
        raise BadInputError(
            f"Corruptions take images of shape [images, height, width, 3] with sides of at least "
            f"{SMALLEST_SIDE} pixels, not {list(images.shape)}. Repeat a grey channel three times."
        )


def to_unit_interval(images: Images) -> Values:
    """The checked images as float64 in [0, 1]."""
    check_images(images)
    return images / 255.0


def to_bytes(values: Values) -> NDArray[np.uint8]:
    """Clip to [0, 1], scale to 255 and truncate, as CIFAR-10-C was written."""
    return levels_to_bytes(values * 255.0)


def levels_to_bytes(levels: Values) -> NDArray[np.uint8]:
    """Clip grey levels to [0, 255] and truncate; a level within 1e-6 of the next whole one counts as it."""
    return np.clip(levels + ROUNDING_ERROR, 0, 255).astype(np.uint8)
