"""Grey images, which corruptions take as colour: three equal channels before, the mean of them after."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def is_grey(images: NDArray[Any]) -> bool:
    """Whether they are `[images, height, width]`, without an axis of channels."""
    return images.ndim == 3


def in_colour(greys: Bytes) -> Bytes:
    """`[images, height, width]` -> `[images, height, width, 3]`, every channel the grey one."""
    return np.repeat(greys[..., np.newaxis], 3, axis=3)


def in_grey(images: Bytes) -> Bytes:
    """`[images, height, width, 3]` -> `[images, height, width]`: the mean of the channels, rounded."""
    sums = images.sum(axis=3, dtype=np.uint16)
    means: Bytes = ((sums + 1) // 3).astype(np.uint8)
    return means
