"""Reading images between their pixels: bilinear, at places of its own for each image of a batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from common.data.corruptions.images import Values

Indices = NDArray[np.int64]
Fold = Callable[[Indices, int], Indices]


def bilinear(images: Values, rows: Values, columns: Values, fold: Fold) -> Values:
    """Values of `images` [images, height, width, 3] at `rows` and `columns` [images, height, width].

    `fold` maps indices beyond an edge back into the image.
    """
    top, left = np.floor(rows), np.floor(columns)
    down, right = rows - top, columns - left
    sampled = np.zeros(images.shape)
    for row, row_weight in ((top, 1 - down), (top + 1, down)):
        for column, column_weight in ((left, 1 - right), (left + 1, right)):
            weight = (row_weight * column_weight)[..., np.newaxis]
            sampled += weight * _take(images, row.astype(np.int64), column.astype(np.int64), fold)
    return sampled


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


def _take(images: Values, rows: Indices, columns: Indices, fold: Fold) -> Values:
    count, height, width = images.shape[:3]
    places = fold(rows, height) * width + fold(columns, width)
    places += np.arange(count)[:, np.newaxis, np.newaxis] * (height * width)
    taken: Values = images.reshape(-1, images.shape[3])[places]
    return taken
