"""The four extra corruptions, kept for development: speckle noise, Gaussian blur, spatter and saturation."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from common.data.corruptions.colour import change_saturation
from common.data.corruptions.images import Images, to_bytes, to_unit_interval
from common.data.corruptions.smoothing import gaussian
from common.data.corruptions.spattering import MUD, WATER, mud_masks, water_masks
from common.data.corruptions.strengths import strength


def speckle_noise(images: Images, severity: int, generator: Generator) -> Images:
    """Add noise in proportion to the value: x + x · N(0, deviation²)."""
    values = to_unit_interval(images)
    deviation = strength("speckle_noise", severity)["deviation"]
    return to_bytes(values + values * generator.normal(scale=deviation, size=values.shape))


def gaussian_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Gaussian blur, edges replicated; draws nothing from `generator`."""
    return to_bytes(gaussian(to_unit_interval(images), strength("gaussian_blur", severity)["deviation"]))


def spatter(images: Images, severity: int, generator: Generator) -> Images:
    """Drops of water (severity 1 to 3) or mud (4 and 5) where smoothed noise exceeds a threshold."""
    parameters = strength("spatter", severity)
    values = to_unit_interval(images)
    noise = generator.normal(parameters["mean"], parameters["deviation"], size=values.shape[:3])
    layers = gaussian(noise, parameters["smoothing"])
    layers[layers < parameters["threshold"]] = 0
    if parameters["mud"]:
        masks = mud_masks(layers, parameters["threshold"], parameters["intensity"])[..., np.newaxis]
        return to_bytes(values * (1 - masks) + MUD * masks)
    masks = parameters["intensity"] * water_masks(layers)[..., np.newaxis]
    return to_bytes(values + masks * WATER)


def saturate(images: Images, severity: int, generator: Generator) -> Images:
    """Scale the saturation of the colours in HSV; draws nothing from `generator`."""
    return to_bytes(change_saturation(to_unit_interval(images), **strength("saturate", severity)))
