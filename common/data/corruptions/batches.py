"""Corrupting any number of images: which function, which random numbers, and how much at a time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.random import Generator

from common.data.corruptions import blur, digital, extra, noise, weather
from common.data.corruptions.images import Images, check_images
from common.data.corruptions.strengths import check_name, check_severity

Corruption = Callable[[Images, int, Generator], Images]

# Part of the definition of the random numbers: every block of this many images has a generator of its own.
BLOCK = 500

# Of 32 x 32 colour images in float64, half a megabyte. Pieces of these corruptions give the bytes of a whole
# block, as they draw nothing, or image after image.
PIECE = 20
_DRAWN_IN_ORDER = {
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "speckle_noise",
    "defocus_blur",
    "zoom_blur",
    "gaussian_blur",
    "brightness",
    "contrast",
    "spatter",
}


def corrupt(
    images: Images, corruption: str, severity: int, seed: int, photographs: Sequence[Images] = ()
) -> Images:
    """Corrupt uint8 `images` [images, height, width, 3]; the result has the same shape and dtype.

    Images are taken in blocks of 500, each with the generator of `block_generator`: memory stays small,
    and the result for the first 500·k images doesn't depend on how many follow. `photographs` are needed
    by frost alone. Raises BadInputError for a name, severity, shape or dtype that can't be used.
    """
    check_name(corruption)
    check_severity(severity)
    check_images(images)
    function = function_of(corruption, photographs)
    corrupted = np.empty(images.shape, dtype=np.uint8)
    for block, start in enumerate(range(0, len(images), BLOCK)):
        chosen = slice(start, start + BLOCK)
        generator = block_generator(seed, corruption, severity, block)
        corrupted[chosen] = function(np.asarray(images[chosen]), severity, generator)
    return corrupted


def block_generator(seed: int, corruption: str, severity: int, block: int) -> Generator:
    """The generator of one block: a stream of its own for every seed, corruption, severity and block.

    Names enter by their CRC-32, so that adding or reordering corruptions changes no image.
    """
    return np.random.default_rng([seed, zlib.crc32(corruption.encode()), severity, block])


def function_of(corruption: str, photographs: Sequence[Images] = ()) -> Corruption:
    """The function `(images, severity, generator) -> images`; frost draws on `photographs`."""
    if corruption == "frost":
        return partial(weather.frost, photographs=photographs)
    function = _FUNCTIONS[corruption]
    return partial(_in_pieces, function) if corruption in _DRAWN_IN_ORDER else function


def _in_pieces(function: Corruption, images: Images, severity: int, generator: Generator) -> Images:
    """A few images at a time, so that what is computed in between stays in the processor's cache."""
    corrupted = np.empty(images.shape, dtype=np.uint8)
    for start in range(0, len(images), PIECE):
        chosen = slice(start, start + PIECE)
        corrupted[chosen] = function(images[chosen], severity, generator)
    return corrupted


_FUNCTIONS: dict[str, Corruption] = {
    "gaussian_noise": noise.gaussian_noise,
    "shot_noise": noise.shot_noise,
    "impulse_noise": noise.impulse_noise,
    "defocus_blur": blur.defocus_blur,
    "glass_blur": blur.glass_blur,
    "motion_blur": blur.motion_blur,
    "zoom_blur": blur.zoom_blur,
    "snow": weather.snow,
    "fog": weather.fog,
    "brightness": weather.brightness,
    "contrast": digital.contrast,
    "elastic_transform": digital.elastic_transform,
    "pixelate": digital.pixelate,
    "jpeg_compression": digital.jpeg_compression,
    "speckle_noise": extra.speckle_noise,
    "gaussian_blur": extra.gaussian_blur,
    "spatter": extra.spatter,
    "saturate": extra.saturate,
}
