"""Digital: contrast, elastic deformation, pixelation and JPEG compression."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.random import Generator
from PIL import Image

from common.data.corruptions.elastic import displace, smooth_displacement, warp_affine
from common.data.corruptions.images import Images, check_images, to_bytes, to_unit_interval
from common.data.corruptions.strengths import strength


def contrast(images: Images, severity: int, generator: Generator) -> Images:
    """Pull every channel of an image towards its mean; draws nothing from `generator`."""
    values = to_unit_interval(images)
    means = values.mean(axis=(1, 2), keepdims=True)
    return to_bytes((values - means) * strength("contrast", severity)["factor"] + means)


def elastic_transform(images: Images, severity: int, generator: Generator) -> Images:
    """Warp by a random affine map, then displace every pixel smoothly.

    The strengths are in image sides, of which the shorter counts.
    """
    parameters = strength("elastic_transform", severity)
    values = to_unit_interval(images)
    side = min(values.shape[1:3])
    jitter = side * parameters["jitter"]
    values = warp_affine(values, generator.uniform(-jitter, jitter, size=(len(values), 3, 2)))
    right, down = (
        side * parameters["amplitude"] * smooth_displacement(values.shape[:3], deviation, generator)
        for deviation in 2 * [side * parameters["deviation"]]
    )
    return to_bytes(displace(values, down, right))


def pixelate(images: Images, severity: int, generator: Generator) -> Images:
    """Shrink by box averaging and enlarge again; draws nothing from `generator`."""
    check_images(images)
    kept_side = strength("pixelate", severity)["kept_side"]
    height, width = images.shape[1:3]
    small = resize_width(images, int(width * kept_side))
    small = resize_height(small, int(height * kept_side))
    return resize_height(resize_width(small, width), height)


def resize_width(images: Images, width: int) -> Images:
    """Box-filter every row to `width` pixels.

    Pillow resizes an image along its rows, then along its columns, rounding in between. Rows don't mix,
    so that the whole batch goes through as one tall image, with Pillow's own bytes.
    """
    count, height = images.shape[:2]
    tall = Image.fromarray(np.ascontiguousarray(images).reshape(count * height, -1, 3))
    resized = tall.resize((width, count * height), Image.Resampling.BOX)
    return np.asarray(resized).reshape(count, height, width, 3)


def resize_height(images: Images, height: int) -> Images:
    """Box-filter every column to `height` pixels."""
    return resize_width(images.transpose(0, 2, 1, 3), height).transpose(0, 2, 1, 3)


def jpeg_compression(images: Images, severity: int, generator: Generator) -> Images:
    """Encode as JPEG and decode, image by image; draws nothing from `generator`."""
    check_images(images)
    quality = int(strength("jpeg_compression", severity)["quality"])
    decoded = np.empty_like(images)
    for number, image in enumerate(images):
        decoded[number] = _through_jpeg(image, quality)
    return decoded


def _through_jpeg(image: Images, quality: int) -> Images:
    with BytesIO() as file:
        Image.fromarray(image).save(file, "JPEG", quality=quality)
        return np.asarray(Image.open(file))
