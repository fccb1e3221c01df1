"""What loops over images do with each of them, by the compiled functions that people use for one image."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from common.data.corruptions.images import Images, Values, to_bytes


def each(images: Images, one: Callable[[Values], Values]) -> Images:
    """`one` maps an image [height, width, 3] in [0, 1] to another, which needn't be clipped."""
    return np.stack([to_bytes(one(image / 255.0)) for image in images])


def blurred(image: Values, deviation: float) -> Values:
    """Gaussian blur of an image [height, width, 3], channel by channel."""
    channels = [gaussian_filter(image[:, :, c], deviation, mode="nearest") for c in range(image.shape[2])]
    return np.stack(channels, axis=-1)


def along(layer: Images, radius: float, deviation: float, degrees: float) -> Images:
    """Motion blur of bytes [height, width, channels], shifted by each tap."""
    taps = range(2 * int(radius) + 1)
    weights = np.exp(-(np.arange(len(taps)) ** 2) / (2 * deviation**2))
    weights /= weights.sum()
    rows, columns = np.arange(layer.shape[0]), np.arange(layer.shape[1])
    total = np.zeros(layer.shape)
    for tap, weight in zip(taps, weights, strict=True):
        dx, dy = (math.ceil(tap * f(math.radians(degrees)) - 0.5) for f in (math.cos, math.sin))
        shifted = layer[np.clip(rows + dy, 0, rows[-1])][:, np.clip(columns + dx, 0, columns[-1])]
        total += weight * shifted
    return np.rint(total).astype(np.uint8)


def plasma(side: int, added: Iterable[Sequence[Values]]) -> Values:
    """Diamond-square on a torus; `added` holds what each level adds to centres, rows and columns."""
    plane = np.zeros((side, side))
    step = side
    for centre, wide, tall in added:
        half = step // 2
        corners = plane[::step, ::step]
        beside, below = (np.roll(corners, -1, axis) for axis in (1, 0))
        centres = (corners + beside + below + np.roll(below, -1, 1)) / 4 + centre
        plane[half::step, half::step] = centres
        plane[::step, half::step] = (corners + beside + centres + np.roll(centres, 1, 0)) / 4 + wide
        plane[half::step, ::step] = (corners + below + centres + np.roll(centres, 1, 1)) / 4 + tall
        step = half
    lowest = plane.min()
    scaled: Values = (plane - lowest) / (plane.max() - lowest)
    return scaled


def through_hsv(image: Values, channel: int, change: Callable[[Values], Values]) -> Values:
    """Change hue (0), saturation (1) or value (2) of an image [height, width, 3] in [0, 1], and clip it."""
    from matplotlib.colors import hsv_to_rgb, rgb_to_hsv

    colours = rgb_to_hsv(image)
    colours[:, :, channel] = np.clip(change(colours[:, :, channel]), 0, 1)
    return np.asarray(hsv_to_rgb(colours))


def sampled(image: Values, rows: Values, columns: Values, mode: Literal["mirror", "reflect"]) -> Values:
    """An image [height, width, 3] at `rows` and `columns` [height, width], bilinear, by scipy."""
    channels = [map_coordinates(image[:, :, c], [rows, columns], order=1, mode=mode) for c in range(3)]
    return np.stack(channels, axis=-1)
