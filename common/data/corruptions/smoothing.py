"""Gaussian blur of the images of a batch, each on its own."""

from __future__ import annotations

from typing import Literal

from scipy.ndimage import gaussian_filter

from common.data.corruptions.images import Values

Edges = Literal["nearest", "reflect"]


def gaussian(values: Values, deviation: float, edges: Edges = "nearest", truncate: float = 4.0) -> Values:
    """Blur height and width of `values` [images, height, width, …]; the kernel ends at `truncate` deviations.

    The defaults are those of scikit-image's `gaussian`, which made CIFAR-10-C.
    """
    blurred: Values = gaussian_filter(values, deviation, axes=(1, 2), mode=edges, truncate=truncate)
    return blurred
