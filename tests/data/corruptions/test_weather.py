from __future__ import annotations

import colorsys

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import zoom

from common.data.corruptions import SEVERITIES
from common.data.corruptions.motion import blur_along
from common.data.corruptions.plasma import plasma_fractals
from common.data.corruptions.strengths import strength
from common.data.corruptions.weather import brightness, fog, frost, frost_windows, snow
from common.strict import BadInputError

Bytes = NDArray[np.uint8]
ANY = np.random.default_rng(0)


def naive_plasma(side: int, decay: float, generator: np.random.Generator) -> NDArray[np.float64]:
    """Diamond-square point by point."""
    plane = np.zeros((side, side))
    step, wibble = side, 100.0

    def fill(rows: range, columns: range, neighbours: list[tuple[int, int]]) -> None:
        draws = generator.uniform(-wibble, wibble, size=(1, len(rows), len(columns)))[0]
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                around = [plane[(row + dy) % side, (column + dx) % side] for dy, dx in neighbours]
                plane[row, column] = sum(around) / 4 + wibble * draws[i, j]

    while step > 1:
        half = step // 2
        whole, middle = range(0, side, step), range(half, side, step)
        cross = [(-half, 0), (half, 0), (0, -half), (0, half)]
        fill(middle, middle, [(-half, -half), (-half, half), (half, -half), (half, half)])
        fill(whole, middle, cross)
        fill(middle, whole, cross)
        step, wibble = half, wibble / decay
    lowest, highest = plane.min(), plane.max()
    plane[:] = (plane - lowest) / (highest - lowest)
    return plane


@pytest.mark.parametrize(("side", "decay"), [(32, 1.75), (64, 3.0)])
def test_plasma_is_diamond_square_on_a_torus(side: int, decay: float) -> None:
    expected = naive_plasma(side, decay, np.random.default_rng(4))
    assert plasma_fractals(1, side, decay, np.random.default_rng(4))[0] == pytest.approx(expected)


def test_every_image_has_a_plasma_of_its_own() -> None:
    planes = plasma_fractals(20, 32, 2.0, np.random.default_rng(4))
    assert planes.min(axis=(1, 2)).tolist() == [0] * 20
    assert planes.max(axis=(1, 2)).tolist() == [1] * 20
    assert len({plane.tobytes() for plane in planes}) == 20


@pytest.mark.parametrize("severity", SEVERITIES)
def test_fog_adds_plasma_and_keeps_the_brightest_value(images: Bytes, severity: int) -> None:
    amount, decay = strength("fog", severity).values()
    planes = plasma_fractals(len(images), 32, decay, np.random.default_rng(9))
    foggy = fog(images, severity, np.random.default_rng(9))
    for image, plane, result in zip(images, planes, foggy, strict=True):
        brightest = image.max() / 255
        expected = (image / 255 + amount * plane[:, :, np.newaxis]) * brightest / (brightest + amount)
        assert (result == (expected * 255 + 1e-6).astype(np.uint8)).all()


def test_fog_leaves_black_images_black() -> None:
    black = np.zeros((2, 28, 28, 3), dtype=np.uint8)
    assert not fog(black, 5, np.random.default_rng(0)).any()


def naive_snow(image: Bytes, noise: NDArray[np.float64], angle: float, severity: int) -> Bytes:
    """One image, by scipy's zoom and OpenCV's grey; the motion blur has tests of its own."""
    _, _, factor, threshold, radius, deviation, kept = strength("snow", severity).values()
    crop = int(np.ceil(32 / factor))
    first = (32 - crop) // 2
    zoomed = zoom(noise[first : first + crop, first : first + crop], factor, order=1)
    first = (len(zoomed) - 32) // 2
    zoomed = zoomed[first : first + 32, first : first + 32]
    layer = (np.clip(np.where(zoomed < threshold, 0, zoomed), 0, 1) * 255).astype(np.uint8)
    layers = layer[np.newaxis, :, :, np.newaxis]
    flakes = blur_along(layers, int(radius), deviation, np.array([angle]))[0] / 255
    values = (image / 255).astype(np.float32)
    grey = cv2.cvtColor(values, cv2.COLOR_RGB2GRAY)[:, :, np.newaxis]
    values = kept * values + (1 - kept) * np.maximum(values, grey * 1.5 + 0.5)
    snowy: Bytes = (np.clip(values + flakes + np.rot90(flakes, 2), 0, 1) * 255 + 1e-6).astype(np.uint8)
    return snowy


@pytest.mark.parametrize("severity", SEVERITIES)
def test_snow_is_that_of_single_images(images: Bytes, severity: int) -> None:
    generator = np.random.default_rng(severity)
    mean, deviation = list(strength("snow", severity).values())[:2]
    noise = generator.normal(mean, deviation, size=images.shape[:3])
    angles = generator.uniform(-135, -45, size=len(images))
    snowy = snow(images, severity, np.random.default_rng(severity)).astype(int)
    for number, image in enumerate(images):
        difference = snowy[number] - naive_snow(image, noise[number], angles[number], severity)
        assert np.abs(difference).max() <= 1  # OpenCV's grey is single precision
        assert (difference != 0).mean() < 0.01


def test_frost_windows_are_whole_crops_of_the_first_five(photographs: list[Bytes]) -> None:
    windows = frost_windows((2000, 32, 28), photographs[:5], np.random.default_rng(1)).astype(int)
    rows, columns, numbers = np.moveaxis(windows, 3, 0)
    assert (np.diff(rows, axis=1) == 1).all()
    assert (np.diff(columns, axis=2) == 1).all()
    assert np.bincount(numbers[:, 0, 0]).min() > 2000 / 5 * 0.8
    for number, photograph in enumerate(photographs[:5]):
        chosen = numbers[:, 0, 0] == number
        assert set(rows[chosen, 0, 0]) == set(range(photograph.shape[0] - 32))
        assert columns[chosen, 0, 0].max() < photograph.shape[1] - 28


@pytest.mark.parametrize("severity", SEVERITIES)
def test_frost_is_a_weighted_sum(images: Bytes, photographs: list[Bytes], severity: int) -> None:
    image_weight, frost_weight = strength("frost", severity).values()
    windows = frost_windows(images.shape[:3], photographs[:5], np.random.default_rng(6))
    expected = np.clip(image_weight * images + frost_weight * windows + 1e-6, 0, 255).astype(np.uint8)
    assert (frost(images, severity, np.random.default_rng(6), photographs) == expected).all()


def test_frost_never_shows_the_sixth_photograph(images: Bytes, photographs: list[Bytes]) -> None:
    tiny = np.zeros((10, 10, 3), dtype=np.uint8)  # would be refused
    with_sixth = frost(images, 1, np.random.default_rng(0), [*photographs[:5], tiny])
    assert (with_sixth == frost(images, 1, np.random.default_rng(0), photographs[:5])).all()


def test_frost_without_photographs_names_the_command(images: Bytes) -> None:
    with pytest.raises(BadInputError, match=r"needs photographs\. Type: .*frost_photographs"):
        frost(images, 1, ANY, [])


def test_frost_refuses_small_photographs(images: Bytes) -> None:
    with pytest.raises(BadInputError, match="32x90 pixels is too small for images of 32x32"):
        frost(images, 1, ANY, [np.zeros((32, 90, 3), dtype=np.uint8)])


@pytest.mark.parametrize("severity", SEVERITIES)
def test_brightness_is_hsv_value_added(images: Bytes, severity: int) -> None:
    added = strength("brightness", severity)["added"]
    brighter = brightness(images, severity, ANY)
    for pixel, result in zip(images[:2].reshape(-1, 3), brighter[:2].reshape(-1, 3), strict=True):
        hue, saturation, value = colorsys.rgb_to_hsv(*(pixel / 255))
        expected = colorsys.hsv_to_rgb(hue, saturation, min(value + added, 1))
        assert result.tolist() == [int(255 * channel + 1e-6) for channel in expected]
