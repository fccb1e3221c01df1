"""Motion along a line: a one-sided Gaussian kernel at an angle of its own for each image of a batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from common.data.corruptions.images import Values


def blur_along(layers: NDArray[np.uint8], radius: int, deviation: float, angles: Values) -> NDArray[np.uint8]:
    """Blur uint8 `layers` [images, height, width, channels] along `angles` [images], in degrees.

    As ImageMagick's motion blur does: out(y, x) = Σ_i k_i · in(y + dy_i, x + dx_i), i = 0 … 2·radius,
    k_i ∝ exp(-i² / 2·deviation²) with sum 1, (dx_i, dy_i) = ⌈i·(cos, sin)(angle) - ½⌉, edges replicated,
    rounded to the nearest level.
    """
    order = np.argsort(angles, kind="stable")
    reach = 2 * radius
    padded = np.pad(layers[order], ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="edge")
    height, width = layers.shape[1:3]
    blurred = np.zeros(layers.shape)
    for tap, weight in enumerate(line_kernel(radius, deviation)):
        for chosen, dx, dy in _same_offset(tap, angles[order]):
            rows = slice(reach + dy, reach + dy + height)
            columns = slice(reach + dx, reach + dx + width)
            blurred[chosen] += weight * padded[chosen, rows, columns]
    return _rounded(blurred)[np.argsort(order)]


def line_kernel(radius: int, deviation: float) -> Values:
    """Weights of the taps i = 0 … 2·radius, with sum 1."""
    taps = np.arange(2 * radius + 1)
    weights: Values = np.exp(-(taps**2) / (2 * deviation**2))
    weights /= weights.sum()
    return weights


def line_offsets(tap: int, angles: Values) -> NDArray[np.int64]:
    """Pixels (dx, dy) by which `tap` lies from the start of the line, [angles, 2]."""
    radians = np.deg2rad(angles)
    directions = np.stack([np.cos(radians), np.sin(radians)], axis=1)
    return np.ceil(tap * directions - 0.5).astype(np.int64)


def _same_offset(tap: int, angles: Values) -> Iterator[tuple[slice, int, int]]:
    """Runs of images that share an offset: with sorted angles they are neighbours, so no copy is needed."""
    offsets = line_offsets(tap, angles)
    changes = np.flatnonzero((np.diff(offsets, axis=0) != 0).any(axis=1)) + 1
    for start, stop in zip([0, *changes], [*changes, len(angles)], strict=True):
        yield slice(start, stop), int(offsets[start, 0]), int(offsets[start, 1])


def _rounded(levels: Values) -> NDArray[np.uint8]:
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
