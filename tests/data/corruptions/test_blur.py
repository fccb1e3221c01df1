from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from common.data.corruptions import SEVERITIES
from common.data.corruptions.blur import defocus_blur, disk_kernel, glass_blur, take_neighbours, zoom_blur
from common.data.corruptions.extra import gaussian_blur
from common.data.corruptions.one_by_one import zoomed
from common.data.corruptions.strengths import strength
from common.data.corruptions.zooming import zoom_factors

Bytes = NDArray[np.uint8]
ANY = np.random.default_rng(0)


def assert_same_but_for_rounding(result: Bytes, expected: NDArray[Any]) -> None:
    """`expected` in levels; at an exact level an oracle's rounding error may fall either way."""
    assert np.abs(result - np.clip(expected, 0, 255) + 0.5).max() < 0.5 + 1e-4


def softened_disk(radius: float, smoothing: float) -> NDArray[np.float64]:
    rows, columns = np.mgrid[-8:9, -8:9]
    disk = (rows**2 + columns**2 <= radius**2).astype(np.float64)
    return np.asarray(cv2.GaussianBlur(disk / disk.sum(), (3, 3), smoothing), dtype=np.float64)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_defocus_blur_is_opencv_filtering_with_a_disk(images: Bytes, severity: int) -> None:
    kernel = softened_disk(**strength("defocus_blur", severity))
    expected = np.stack([cv2.filter2D(image.astype(np.float64), -1, kernel) for image in images])
    assert_same_but_for_rounding(defocus_blur(images, severity, ANY), expected)


def test_a_disk_without_smoothing_is_flat() -> None:
    kernel = disk_kernel(1.0, 1e-9)
    assert kernel == pytest.approx(np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]]) / 5)


@pytest.mark.parametrize("reach", [1, 2])
def test_neighbours_are_taken_as_by_a_triple_loop(wide_images: Bytes, reach: int) -> None:
    count, height, width = wide_images.shape[:3]
    generator = np.random.default_rng(5)
    columns = range(width - reach, reach, -1)
    expected = wide_images.copy()
    for row in range(height - reach, reach, -1):
        moves = generator.integers(-reach, reach, size=(len(columns), 2, count))
        for step, column in enumerate(columns):
            for number in range(count):
                down, right = moves[step, :, number]
                expected[number, row, column] = expected[number, row + down, column + right]
    assert (take_neighbours(wide_images, reach, np.random.default_rng(5)) == expected).all()


def test_neighbours_lie_above_and_left_and_the_rim_stays() -> None:
    """Rows and columns 2 … 31 of 32 change at reach 1; the values come from 1 … 31."""
    rows, columns = np.mgrid[:32, :32]
    places = np.stack([rows, columns, 0 * rows], axis=-1).astype(np.uint8)[np.newaxis].repeat(50, axis=0)
    taken = take_neighbours(places, 1, np.random.default_rng(2)).astype(int)
    shift = places.astype(int) - taken
    assert set(np.unique(shift)) == {0, 1}
    assert not shift[:, :2].any()
    assert not shift[:, :, :2].any()
    assert shift[:, 2:, 2:, :2].mean() == pytest.approx(0.5, abs=0.01)


def test_glass_blur_without_blur_only_moves_pixels(images: Bytes) -> None:
    """At severity 1 the Gaussian is narrower than a pixel and changes nothing."""
    expected = take_neighbours(images, 1, np.random.default_rng(3))
    assert (glass_blur(images, 1, np.random.default_rng(3)) == expected).all()


def test_glass_blur_blurs_before_and_after(images: Bytes) -> None:
    generator = np.random.default_rng(3)
    taken = np.stack([gaussian_filter(i / 255.0, (0.4, 0.4, 0), mode="nearest") for i in images])
    taken = (taken * 255 + 1e-6).astype(np.uint8)
    for _ in range(2):
        taken = take_neighbours(taken, 1, generator)
    expected = np.stack([gaussian_filter(i.astype(float), (0.4, 0.4, 0), mode="nearest") for i in taken])
    assert_same_but_for_rounding(glass_blur(images, 5, np.random.default_rng(3)), expected)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_zoom_blur_is_the_mean_of_scipy_zooms(images: Bytes, wide_images: Bytes, severity: int) -> None:
    factors = zoom_factors(strength("zoom_blur", severity)["stop"])
    for batch in (images[:3], wide_images):
        levels = batch.astype(np.float64)
        total = sum(np.stack([zoomed(level, f) for level in levels]) for f in factors)
        assert_same_but_for_rounding(zoom_blur(batch, severity, ANY), (levels + total) / (len(factors) + 1))


@pytest.mark.parametrize("severity", SEVERITIES)
def test_gaussian_blur_treats_every_channel_alone(images: Bytes, severity: int) -> None:
    deviation = strength("gaussian_blur", severity)["deviation"]
    expected = np.empty(images.shape)
    for number, image in enumerate(images):
        for channel in range(3):
            level = image[:, :, channel].astype(np.float64)
            expected[number, :, :, channel] = gaussian_filter(level, deviation, mode="nearest")
    assert_same_but_for_rounding(gaussian_blur(images, severity, ANY), expected)
