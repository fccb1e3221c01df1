"""Elastic deformation: a random affine map of the image, then a smooth random displacement of its pixels."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from common.data.corruptions.images import Values
from common.data.corruptions.sampling import bilinear, mirrored, reflected
from common.data.corruptions.smoothing import gaussian


def warp_affine(values: Values, jitter: Values) -> Values:
    """Move three anchor points by `jitter` [images, 3, 2] (x, y), and the image with them, edges mirrored.

    `values` is [images, height, width, 3]. The anchors lie a third of the shorter side away from the centre.
    """
    height, width = values.shape[1:3]
    anchors = anchor_points(height, width)
    moved = np.concatenate([anchors + jitter, np.ones((len(values), 3, 1))], axis=2)
    backward = np.linalg.solve(moved, np.broadcast_to(anchors, jitter.shape))
    along_x, along_y, origin = backward.transpose(1, 2, 0)[..., np.newaxis, np.newaxis]
    rows, columns = np.mgrid[:height, :width]
    source_columns, source_rows = (along_x[i] * columns + along_y[i] * rows + origin[i] for i in range(2))
    return bilinear(values, source_rows, source_columns, mirrored)


def anchor_points(height: int, width: int) -> Values:
    """The anchors (x, y), [3, 2]: to the lower right, the upper right and the upper left of the centre."""
    centre = np.array([width // 2, height // 2], dtype=np.float64)
    reach = min(height, width) // 3
    anchors: Values = centre + reach * np.array([[1, 1], [1, -1], [-1, -1]])
    return anchors


def displace(values: Values, down: Values, right: Values) -> Values:
    """Read each pixel `down` and `right` [images, height, width] pixels away, edges reflected."""
    rows, columns = np.mgrid[: values.shape[1], : values.shape[2]]
    return bilinear(values, rows + down, columns + right, reflected)


def smooth_displacement(shape: tuple[int, ...], deviation: float, generator: Generator) -> Values:
    """U(-1, 1) noise [images, height, width], blurred with `deviation` pixels, cut at 3 deviations."""
    noise = generator.uniform(-1, 1, size=shape)
    return gaussian(noise, deviation, edges="reflect", truncate=3.0)
