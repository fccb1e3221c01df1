"""Weather: snow, frost, fog and bright light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from common.data.corruptions.colour import add_value
from common.data.corruptions.images import (
    Images,
    Values,
    check_images,
    levels_to_bytes,
    to_bytes,
    to_unit_interval,
)
from common.data.corruptions.motion import blur_along
from common.data.corruptions.plasma import plasma_fractals
from common.data.corruptions.strengths import strength
from common.data.corruptions.zooming import centre_zoom, map_pixels
from common.data.manifests import command_for
from common.strict import BadInputError

SNOW_DEGREES = (-135.0, -45.0)
LUMA = np.array([0.299, 0.587, 0.114])  # grey = LUMA · (red, green, blue), ITU-R BT.601

# CIFAR-10-C was drawn from the first five of its six photographs.
FROST_PHOTOGRAPHS = 5


def snow(images: Images, severity: int, generator: Generator) -> Images:
    """Whiten the image and add flakes, and the same flakes turned by 180°."""
    parameters = strength("snow", severity)
    values = to_unit_interval(images)
    flakes = snow_flakes(values.shape[:3], parameters, generator)
    whitened = np.maximum(values, 1.5 * (values @ LUMA)[..., np.newaxis] + 0.5)
    values = parameters["kept"] * values + (1 - parameters["kept"]) * whitened
    return to_bytes(values + flakes + flakes[:, ::-1, ::-1])


def snow_flakes(shape: Sequence[int], parameters: dict[str, float], generator: Generator) -> Values:
    """Layers [images, height, width, 1] in [0, 1]: thresholded noise, zoomed and blurred by motion."""
    noise = generator.normal(parameters["mean"], parameters["deviation"], size=tuple(shape))
    noise = map_pixels(centre_zoom(*noise.shape[1:], parameters["zoom"]), noise)
    noise[noise < parameters["threshold"]] = 0
    angles = generator.uniform(*SNOW_DEGREES, size=len(noise))
    layers = to_bytes(noise)[..., np.newaxis]
    return blur_along(layers, int(parameters["radius"]), parameters["motion_deviation"], angles) / 255.0


def frost(images: Images, severity: int, generator: Generator, photographs: Sequence[Images]) -> Images:
    """Add a random window of a random photograph of frost.

    `photographs` are uint8 [height, width, 3], reduced to a fifth of their size, larger than the images;
    the first five are used. Raises BadInputError when there are none or one is too small.
    """
    parameters = strength("frost", severity)
    check_images(images)
    windows = frost_windows(images.shape[:3], photographs[:FROST_PHOTOGRAPHS], generator)
    return levels_to_bytes(parameters["image_weight"] * images + parameters["frost_weight"] * windows)


def frost_windows(shape: Sequence[int], photographs: Sequence[Images], generator: Generator) -> Images:
    """Random windows [images, height, width, 3] of the photographs, each equally likely."""
    count, height, width = shape
    _check_photographs(photographs, height, width)
    windows = np.empty((count, height, width, 3), dtype=np.uint8)
    choice = generator.integers(len(photographs), size=count)
    for number, photograph in enumerate(photographs):
        chosen = np.flatnonzero(choice == number)
        top = generator.integers(photograph.shape[0] - height, size=(len(chosen), 1, 1))
        left = generator.integers(photograph.shape[1] - width, size=(len(chosen), 1, 1))
        rows = top + np.arange(height)[:, np.newaxis]
        windows[chosen] = photograph[rows, left + np.arange(width)]
    return windows


def fog(images: Images, severity: int, generator: Generator) -> Images:
    """Add a plasma fractal, then scale so that the brightest value of the image could stay what it was."""
    parameters = strength("fog", severity)
    amount = parameters["amount"]
    values = to_unit_interval(images)
    count, height, width = values.shape[:3]
    side = 1 << (max(height, width) - 1).bit_length()
    clouds = plasma_fractals(count, side, parameters["decay"], generator)[:, :height, :width, np.newaxis]
    brightest = values.max(axis=(1, 2, 3), keepdims=True)
    return to_bytes((values + amount * clouds) * brightest / (brightest + amount))


def brightness(images: Images, severity: int, generator: Generator) -> Images:
    """Add to the value of the colours in HSV; draws nothing from `generator`."""
    return to_bytes(add_value(to_unit_interval(images), **strength("brightness", severity)))


def _check_photographs(photographs: Sequence[Images], height: int, width: int) -> None:
    if not photographs:
        raise BadInputError(
            f"The corruption 'frost' needs photographs. Type: {command_for('frost_photographs')}"
        )
    for photograph in photographs:
        if photograph.shape[0] <= height or photograph.shape[1] <= width:
            raise BadInputError(
                f"A frost photograph of {photograph.shape[0]}x{photograph.shape[1]} pixels is too small for "
                f"images of {height}x{width}; give larger photographs or smaller images."
            )
