"""Zooming into the centre of images: bilinear, as one fixed linear map that all images share."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from scipy.sparse import csr_array, eye_array, kron

from common.data.corruptions.images import Values

ZOOM_STEP = 0.01


def zoom_factors(stop: float) -> list[float]:
    """1, 1.01, 1.02 … below `stop`, with the round-off of `arange`, which decides how many there are."""
    return [float(factor) for factor in np.arange(1, stop, ZOOM_STEP)]


@cache
def zoom_matrix(side: int, factor: float) -> Any:
    """Sparse [side, side] matrix that crops the centre, zooms it by `factor` and trims it back to `side`.

    The crop has ⌈side / factor⌉ pixels and is stretched to round(crop · factor) with its first and last
    pixels kept in place, as `scipy.ndimage.zoom` of order 1 does.
    """
    crop = math.ceil(side / factor)
    zoomed = round(crop * factor)
    place = (np.arange(side) + (zoomed - side) // 2) * (crop - 1) / (zoomed - 1)
    left = np.minimum(np.floor(place).astype(int), crop - 2)
    weight = place - left
    columns = np.concatenate([left, left + 1]) + (side - crop) // 2
    rows = np.tile(np.arange(side), 2)
    return csr_array((np.concatenate([1 - weight, weight]), (rows, columns)), shape=(side, side))


@cache
def centre_zoom(height: int, width: int, factor: float) -> Any:
    """Sparse [height·width, height·width] matrix that zooms into the centre of an image by `factor`."""
    return kron(zoom_matrix(height, factor), zoom_matrix(width, factor), format="csr")


@cache
def mean_zoom(height: int, width: int, factors: tuple[float, ...]) -> Any:
    """Sparse [height·width, height·width] matrix: the mean of an image and its zooms by all `factors`."""
    total = eye_array(height * width)
    for factor in factors:
        total = total + centre_zoom(height, width, factor)
    return (total / (len(factors) + 1)).tocsr()


def map_pixels(matrix: Any, values: Values) -> Values:
    """Apply a [height·width, height·width] matrix to the pixels of `values` [images, height, width, …].

    A sparse matrix adds its terms in one fixed order, so the result doesn't depend on the number of threads.
    """
    pixels_first = np.moveaxis(values.reshape(len(values), matrix.shape[1], -1), 1, 0)
    flat = np.ascontiguousarray(pixels_first).reshape(matrix.shape[1], -1)
    mapped: Values = (matrix @ flat).reshape(pixels_first.shape)
    return np.moveaxis(mapped, 0, 1).reshape(values.shape)
