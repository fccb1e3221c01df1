"""Noise: Gaussian, shot and impulse noise, drawn for every channel value on its own."""

from __future__ import annotations

from numpy.random import Generator

from common.data.corruptions.images import Images, to_bytes, to_unit_interval
from common.data.corruptions.strengths import strength


def gaussian_noise(images: Images, severity: int, generator: Generator) -> Images:
    """Add noise N(0, deviation²). `images` is uint8 [images, height, width, 3], and so is the result."""
    values = to_unit_interval(images)
    deviation = strength("gaussian_noise", severity)["deviation"]
    return to_bytes(values + generator.normal(scale=deviation, size=values.shape))


def shot_noise(images: Images, severity: int, generator: Generator) -> Images:
    """Replace x by Poisson(photons · x) / photons."""
    values = to_unit_interval(images)
    photons = strength("shot_noise", severity)["photons"]
    return to_bytes(generator.poisson(values * photons) / photons)


def impulse_noise(images: Images, severity: int, generator: Generator) -> Images:
    """Set a fraction of the channel values to black or white, each with probability one half."""
    values = to_unit_interval(images)
    fraction = strength("impulse_noise", severity)["fraction"]
    draw = generator.random(size=values.shape)
    values[draw < fraction] = 0
    values[draw < fraction / 2] = 1
    return to_bytes(values)
