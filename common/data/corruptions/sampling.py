"""Reading images between their pixels: bilinear, at places of its own for each image of a batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from common.data.corruptions.images import Values

Indices = NDArray[np.int32]
Fold = Callable[[Indices, int], Indices]


def bilinear(images: Values, rows: Values, columns: Values, fold: Fold) -> Values:
    """Values of `images` [images, height, width, 3] at `rows` and `columns` [images, height, width].

    `fold` maps indices beyond an edge back into the image. The whole batch is one product with a sparse
    matrix, whose rows hold the weights of the four pixels around a place.
    """
    count, height, width, channels = images.shape
    upper, lower, down = _neighbours(rows, height, fold)
    left, right, along = _neighbours(columns, width, fold)
    first = np.arange(0, count * height * width, height * width, dtype=np.int32)[:, np.newaxis, np.newaxis]
    upper, lower = first + width * upper, first + width * lower
    places = np.stack([upper + left, upper + right, lower + left, lower + right], axis=-1)
    up, back = 1 - down, 1 - along
    weights = np.stack([up * back, up * along, down * back, down * along], axis=-1)
    starts = np.arange(0, places.size + 1, 4, dtype=np.int32)
    matrix = csr_array((weights.ravel(), places.ravel(), starts), shape=(rows.size, rows.size))
    sampled: Values = matrix @ images.reshape(-1, channels)
    return sampled.reshape(images.shape)


def mirrored(indices: Indices, size: int) -> Indices:
    """Continue beyond an edge by … 2 1 | 0 1 2 …: the edge pixel occurs once."""
    period = 2 * (size - 1)
    folded = indices % period
    return np.minimum(folded, period - folded)


def reflected(indices: Indices, size: int) -> Indices:
    """Continue beyond an edge by … 1 0 | 0 1 …: the edge pixel occurs twice."""
    period = 2 * size
    folded = indices % period
    return np.minimum(folded, period - 1 - folded)


def _neighbours(places: Values, size: int, fold: Fold) -> tuple[Indices, Indices, Values]:
    """Folded indices of the pixels before and after each place, and how far it lies from the one before."""
    before = np.floor(places).astype(np.int32)
    return fold(before, size), fold(before + 1, size), places - before
