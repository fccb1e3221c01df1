"""Blur: defocus, glass, motion and zoom."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from scipy.ndimage import correlate, gaussian_filter

from common.data.corruptions.images import Images, Values, check_images, to_bytes, to_unit_interval
from common.data.corruptions.motion import blur_along
from common.data.corruptions.smoothing import gaussian
from common.data.corruptions.strengths import strength
from common.data.corruptions.zooming import map_pixels, mean_zoom, zoom_factors

MOTION_DEGREES = (-45.0, 45.0)
DISK_REACH = 8


def defocus_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Convolve with a softened disk, edges mirrored; draws nothing from `generator`."""
    kernel = disk_kernel(**strength("defocus_blur", severity))
    values = to_unit_interval(images)
    return to_bytes(correlate(values, kernel[np.newaxis, :, :, np.newaxis], mode="mirror"))


def disk_kernel(radius: float, smoothing: float) -> Values:
    """A disk of `radius` pixels, softened by a 3x3 Gaussian of deviation `smoothing`; trimmed, sum 1."""
    axis = np.arange(-DISK_REACH, DISK_REACH + 1)
    disk = (axis[:, np.newaxis] ** 2 + axis**2 <= radius**2).astype(np.float64)
    kernel = gaussian_filter(disk / disk.sum(), smoothing, mode="constant", radius=1)
    used = np.flatnonzero(kernel[DISK_REACH])
    return kernel[used[0] : used[-1] + 1, used[0] : used[-1] + 1]


def glass_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Blur, let every pixel take the value of a random neighbour, and blur again."""
    parameters = strength("glass_blur", severity)
    values = to_unit_interval(images)
    shuffled = to_bytes(gaussian(values, parameters["deviation"]))
    for _ in range(int(parameters["rounds"])):
        shuffled = take_neighbours(shuffled, int(parameters["reach"]), generator)
    return to_bytes(gaussian(to_unit_interval(shuffled), parameters["deviation"]))


def take_neighbours(images: Images, reach: int, generator: Generator) -> Images:
    """From the bottom right to the top left, copy to each pixel one that lies up to `reach` above and left.

    Offsets are drawn from -reach … reach - 1 in each direction; the outermost pixels stay. The generator
    that made CIFAR-10-C means to swap the two pixels, but its second assignment reads the overwritten one.
    """
    count, height, width = images.shape[:3]
    pixels = np.ascontiguousarray(images.transpose(1, 2, 0, 3))
    every = np.arange(count)
    columns = range(width - reach, reach, -1)
    for row in range(height - reach, reach, -1):
        moves = generator.integers(-reach, reach, size=(len(columns), 2, count))
        for column, (down, right) in zip(columns, moves, strict=True):
            pixels[row, column] = pixels[row + down, column + right, every]
    return np.ascontiguousarray(pixels.transpose(2, 0, 1, 3))


def motion_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Blur along a line whose angle is drawn from U(-45°, 45°) for each image."""
    parameters = strength("motion_blur", severity)
    check_images(images)
    angles = generator.uniform(*MOTION_DEGREES, size=len(images))
    return blur_along(images, int(parameters["radius"]), parameters["deviation"], angles)


def zoom_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Mean of the image and of zooms into its centre; draws nothing from `generator`."""
    factors = tuple(zoom_factors(strength("zoom_blur", severity)["stop"]))
    values = to_unit_interval(images)
    return to_bytes(map_pixels(mean_zoom(*values.shape[1:3], factors), values))
