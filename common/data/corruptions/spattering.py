"""The liquids of the corruption spatter: where drops lie and how they are drawn over images."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from common.data.corruptions.images import Values, levels_to_bytes
from common.data.corruptions.smoothing import gaussian

WATER = np.array([175, 238, 238]) / 255.0  # pale turquoise
MUD = np.array([63, 42, 20]) / 255.0  # brown

CANNY_THRESHOLDS = (50, 150)
FARTHEST = 20.0  # pixels from an edge beyond which depth no longer grows
RELIEF = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], dtype=np.float32)
FAINTEST_MUD = 0.8


def water_masks(layers: Values) -> Values:
    """Opacity [images, height, width] in [0, 1] of drops on thresholded `layers`, lit like a relief."""
    levels = np.clip(layers * 255, 0, 255).astype(np.uint8)
    reliefs = np.stack([_relief(layer) for layer in levels]) if len(levels) else levels
    drops = levels * reliefs.astype(np.float64)
    brightest = drops.max(axis=(1, 2), keepdims=True)
    return drops / np.where(brightest == 0, 1, brightest)


def mud_masks(layers: Values, threshold: float, softness: float) -> Values:
    """Opacity [images, height, width] of splashes: where the layer exceeds `threshold`, with soft rims."""
    masks = gaussian((layers > threshold).astype(np.float64), softness)
    return np.where(masks < FAINTEST_MUD, 0, masks)


def _relief(layer: NDArray[np.uint8]) -> Any:
    """Embossed distance to the nearest edge of one uint8 layer [height, width], as float32."""
    distance = cv2.distanceTransform(255 - cv2.Canny(layer, *CANNY_THRESHOLDS), cv2.DIST_L2, 5)
    depth: Any = cv2.blur(np.minimum(distance, FARTHEST).astype(np.float64), (3, 3))
    embossed = cv2.filter2D(cv2.equalizeHist(levels_to_bytes(depth)), cv2.CV_8U, RELIEF)
    return cv2.blur(embossed, (3, 3))
