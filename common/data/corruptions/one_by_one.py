"""Every corruption as it is usually written: a loop over images, each corrupted by itself.

Written from the same definitions as the functions of batches, of which these are the oracle in tests and the
usual way in benchmarks. They draw the same random numbers in the same order, so that both give the same bytes
(saturate and brightness go through hue here, and elastic places are solved one by one: rounding may differ by
a level).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image
from scipy.ndimage import gaussian_filter, zoom

from common.data.corruptions.extra import spatter as spatter_of_batch
from common.data.corruptions.images import Images, Values, levels_to_bytes, to_bytes
from common.data.corruptions.single_images import along, blurred, each, plasma, sampled, through_hsv
from common.data.corruptions.strengths import strength

SHRUNK = 0.2  # side of a frost photograph, of the file's


def gaussian_noise(images: Images, severity: int, generator: Generator) -> Images:
    """Add N(0, deviation²)."""
    deviation = strength("gaussian_noise", severity)["deviation"]
    return each(images, lambda image: image + generator.normal(scale=deviation, size=image.shape))


def shot_noise(images: Images, severity: int, generator: Generator) -> Images:
    """Count photons."""
    photons = strength("shot_noise", severity)["photons"]
    return each(images, lambda image: generator.poisson(image * photons) / photons)


def speckle_noise(images: Images, severity: int, generator: Generator) -> Images:
    """Add noise in proportion to the value."""
    deviation = strength("speckle_noise", severity)["deviation"]
    return each(images, lambda image: image + image * generator.normal(scale=deviation, size=image.shape))


def impulse_noise(images: Images, severity: int, generator: Generator) -> Images:
    """Salt and pepper."""
    fraction = strength("impulse_noise", severity)["fraction"]

    def one(image: Values) -> Values:
        draw = generator.random(size=image.shape)
        return np.where(draw < fraction / 2, 1.0, np.where(draw < fraction, 0.0, image))

    return each(images, one)


def defocus_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Filter with a softened disk, built for each image."""
    radius, smoothing = strength("defocus_blur", severity).values()

    def one(image: Values) -> Values:
        rows, columns = np.mgrid[-8:9, -8:9]
        disk = (rows**2 + columns**2 <= radius**2).astype(np.float64)
        kernel = cv2.GaussianBlur(disk / disk.sum(), (3, 3), smoothing)
        return np.asarray(cv2.filter2D(image, -1, kernel), dtype=np.float64)

    return each(images, one)


def gaussian_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Blur each channel."""
    deviation = strength("gaussian_blur", severity)["deviation"]
    return each(images, lambda image: blurred(image, deviation))


def glass_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Blur, then a loop over rounds, rows and columns, then blur."""
    deviation, reach, rounds = strength("glass_blur", severity).values()
    count, height, width = images.shape[:3]
    columns = range(width - int(reach), int(reach), -1)
    rows = range(height - int(reach), int(reach), -1)
    shape = (len(columns), 2, count)
    moves = [
        [generator.integers(-int(reach), int(reach), size=shape) for _ in rows] for _ in range(int(rounds))
    ]
    numbers = iter(range(count))

    def one(image: Values) -> Values:
        number, pixels = next(numbers), to_bytes(blurred(image, deviation))
        for of_round in moves:
            for row, of_row in zip(rows, of_round, strict=True):
                for column, move in zip(columns, of_row, strict=True):
                    pixels[row, column] = pixels[row + move[0, number], column + move[1, number]]
        return blurred(pixels / 255.0, deviation)

    return each(images, one)


def motion_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Blur along a random line, tap by tap."""
    radius, deviation = strength("motion_blur", severity).values()
    return np.stack([along(image, radius, deviation, generator.uniform(-45, 45)) for image in images])


def zoom_blur(images: Images, severity: int, generator: Generator) -> Images:
    """Mean of zooms, each by scipy."""
    factors = np.arange(1, strength("zoom_blur", severity)["stop"], 0.01)

    def one(image: Values) -> Values:
        mean: Values = (image + sum(zoomed(image, float(factor)) for factor in factors)) / (len(factors) + 1)
        return mean

    return each(images, one)


def zoomed(image: Values, factor: float) -> Values:
    """Crop the centre of `image` [height, width, …], zoom it by scipy, and trim it."""
    side = np.array(image.shape[:2])
    crop = np.ceil(side / factor).astype(int)
    top, left = (side - crop) // 2
    factors = (factor, factor, 1)[: image.ndim]
    larger = zoom(image[top : top + crop[0], left : left + crop[1]], factors, order=1)
    top, left = (np.array(larger.shape[:2]) - side) // 2
    return np.asarray(larger[top : top + side[0], left : left + side[1]])


def snow(images: Images, severity: int, generator: Generator) -> Images:
    """Whiten and add zoomed, thresholded, blurred noise."""
    mean, deviation, factor, threshold, radius, motion, kept = strength("snow", severity).values()
    noise = iter(generator.normal(mean, deviation, size=images.shape[:3]))

    def one(image: Values) -> Values:
        layer = zoomed(next(noise), factor)
        kept_flakes = to_bytes(np.where(layer < threshold, 0, layer))[:, :, np.newaxis]
        flakes = along(kept_flakes, radius, motion, generator.uniform(-135, -45)) / 255.0
        grey = (image @ np.array([0.299, 0.587, 0.114]))[:, :, np.newaxis]
        whitened = kept * image + (1 - kept) * np.maximum(image, 1.5 * grey + 0.5)
        snowy: Values = whitened + flakes + np.rot90(flakes, 2)
        return snowy

    return each(images, one)


def frost(
    images: Images, severity: int, generator: Generator, photographs: Sequence[Images], files: Sequence[bytes]
) -> Images:
    """Add a window of a photograph, whose file is decoded and shrunk for each image.

    `photographs` are what the `files` become, of which only the sizes are read here.
    """
    image_weight, frost_weight = strength("frost", severity).values()
    count, height, width = images.shape[:3]
    choice = np.asarray(generator.integers(len(photographs), size=count), dtype=np.int64)
    places = np.zeros((count, 2), dtype=np.int64)
    for number, photograph in enumerate(photographs):
        chosen = np.flatnonzero(choice == number)
        places[chosen, 0] = generator.integers(photograph.shape[0] - height, size=len(chosen))
        places[chosen, 1] = generator.integers(photograph.shape[1] - width, size=len(chosen))
    frosted = []
    for place, image in enumerate(images):
        top, left = places[place]
        window = shrunk(files[int(choice[place])])[top : top + height, left : left + width]
        frosted.append(levels_to_bytes(image_weight * image + frost_weight * window))
    return np.stack(frosted)


def shrunk(file: bytes) -> Images:
    """A photograph [height, width, 3] from the bytes of its file, at a fifth of its sides."""
    decoded = cv2.imdecode(np.frombuffer(file, dtype=np.uint8), cv2.IMREAD_COLOR)
    small = cv2.resize(np.asarray(decoded), None, fx=SHRUNK, fy=SHRUNK, interpolation=cv2.INTER_AREA)
    return np.asarray(small[:, :, ::-1], dtype=np.uint8)


def fog(images: Images, severity: int, generator: Generator) -> Images:
    """Add a plasma fractal, made for each image."""
    amount, decay = strength("fog", severity).values()
    count, height, width = images.shape[:3]
    side = 1 << (max(height, width) - 1).bit_length()
    wibbles = [100 / decay**level for level in range(int(math.log2(side)))]
    draws = [
        [generator.uniform(-wibble, wibble, size=(count, 2**level, 2**level)) for _ in range(3)]
        for level, wibble in enumerate(wibbles)
    ]
    numbers = iter(range(count))

    def one(image: Values) -> Values:
        number = next(numbers)
        added = [
            [wibble * draw[number] for draw in of_level]
            for wibble, of_level in zip(wibbles, draws, strict=True)
        ]
        clouds = plasma(side, added)[:height, :width, np.newaxis]
        foggy: Values = (image + amount * clouds) * image.max() / (image.max() + amount)
        return foggy

    return each(images, one)


def brightness(images: Images, severity: int, generator: Generator) -> Images:
    """Add to the value, there and back through HSV."""
    added = strength("brightness", severity)["added"]
    return each(images, lambda image: through_hsv(image, 2, lambda value: value + added))


def saturate(images: Images, severity: int, generator: Generator) -> Images:
    """Scale the saturation, there and back through HSV."""
    factor, added = strength("saturate", severity).values()
    return each(images, lambda image: through_hsv(image, 1, lambda saturation: factor * saturation + added))


def contrast(images: Images, severity: int, generator: Generator) -> Images:
    """Pull every channel towards its mean."""
    factor = strength("contrast", severity)["factor"]

    def one(image: Values) -> Values:
        means = image.mean(axis=(0, 1))
        pulled: Values = (image - means) * factor + means
        return pulled

    return each(images, one)


def elastic_transform(images: Images, severity: int, generator: Generator) -> Images:
    """Warp by an affine map, then displace, each channel by scipy's interpolation."""
    parameters = {
        name: min(images.shape[1:3]) * value
        for name, value in strength("elastic_transform", severity).items()
    }
    count, height, width = images.shape[:3]
    jitters = iter(generator.uniform(-parameters["jitter"], parameters["jitter"], size=(count, 3, 2)))
    right, down = (iter(generator.uniform(-1, 1, size=images.shape[:3])) for _ in range(2))
    reach, centre = min(height, width) // 3, np.array([width // 2, height // 2])
    anchors = centre + reach * np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    rows, columns = np.mgrid[:height, :width]

    def one(image: Values) -> Values:
        moved = np.concatenate([anchors + next(jitters), np.ones((3, 1))], axis=1)
        x, y = np.einsum(
            "ij,ihw->jhw", np.linalg.solve(moved, anchors), np.stack([columns, rows, np.ones_like(rows)])
        )
        warped = sampled(image, y, x, "mirror")
        dx, dy = (
            parameters["amplitude"] * gaussian_filter(next(noise), parameters["deviation"], truncate=3)
            for noise in (right, down)
        )
        return sampled(warped, rows + dy, columns + dx, "reflect")

    return each(images, one)


def pixelate(images: Images, severity: int, generator: Generator) -> Images:
    """Shrink and enlarge by Pillow."""
    kept = strength("pixelate", severity)["kept_side"]
    height, width = images.shape[1:3]
    box = Image.Resampling.BOX
    smaller = (int(width * kept), int(height * kept))
    resized = [Image.fromarray(i).resize(smaller, box).resize((width, height), box) for i in images]
    return np.stack([np.asarray(image) for image in resized])


def jpeg_compression(images: Images, severity: int, generator: Generator) -> Images:
    """Through a JPEG file in memory."""
    quality = int(strength("jpeg_compression", severity)["quality"])
    decoded = []
    for image in images:
        file = BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=quality)
        decoded.append(np.asarray(Image.open(file)))
    return np.stack(decoded)


def spatter(images: Images, severity: int, generator: Generator) -> Images:
    """A batch of one at a time: what is slow in it is done by image in either case."""
    return np.concatenate([spatter_of_batch(image[np.newaxis], severity, generator) for image in images])
