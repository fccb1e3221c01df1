from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from common.data.corruptions.blur import motion_blur
from common.data.corruptions.motion import blur_along, line_kernel

Bytes = NDArray[np.uint8]


def naive_blur(layer: Bytes, radius: int, deviation: float, angle: float) -> Bytes:
    """Pixel by pixel, tap by tap."""
    taps = range(2 * radius + 1)
    weights = [math.exp(-(i**2) / (2 * deviation**2)) for i in taps]
    height, width = layer.shape[:2]
    blurred = np.zeros(layer.shape)
    for y in range(height):
        for x in range(width):
            for i in taps:
                dx = math.ceil(i * math.cos(math.radians(angle)) - 0.5)
                dy = math.ceil(i * math.sin(math.radians(angle)) - 0.5)
                source = layer[min(max(y + dy, 0), height - 1), min(max(x + dx, 0), width - 1)]
                blurred[y, x] += weights[i] / sum(weights) * source
    return np.rint(blurred).astype(np.uint8)


def test_every_image_is_blurred_along_its_own_angle(wide_images: Bytes) -> None:
    angles = np.array([31.0, -44.5, -101.3])
    blurred = blur_along(wide_images, 6, 1.5, angles)
    for number, angle in enumerate(angles):
        assert (blurred[number] == naive_blur(wide_images[number], 6, 1.5, angle)).all()


def test_a_point_is_drawn_out_against_the_angle() -> None:
    """At angle 0 each pixel reads those to its right, so that a point smears to its left."""
    point = np.zeros((1, 32, 32, 1), dtype=np.uint8)
    point[0, 10, 20] = 255
    row = blur_along(point, 3, 1.0, np.zeros(1))[0, :, :, 0]
    expected = np.rint(255 * line_kernel(3, 1.0)).astype(int)
    assert row[10, 20:13:-1].tolist() == expected.tolist()
    assert row.sum() == expected.sum()


@pytest.mark.parametrize("severity", [1, 5])
def test_angles_are_drawn_between_minus_and_plus_45_degrees(severity: int) -> None:
    """A horizontal edge blurs at steep angles only; a vertical edge always does."""
    upright = np.zeros((200, 32, 32, 3), dtype=np.uint8)
    upright[:, :, 16:] = 255
    blurred = motion_blur(upright, severity, np.random.default_rng(1))
    assert (blurred[:, 16, 15] > 0).all()
    level = motion_blur(upright.transpose(0, 2, 1, 3), severity, np.random.default_rng(1))
    changed_above = (level[:, 15, 16, 0] > 0).mean()
    changed_below = (level[:, 16, 16, 0] < 255).mean()
    assert 0.3 < changed_above < 0.55
    assert 0.3 < changed_below < 0.55
